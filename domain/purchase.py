"""A purchase, from the moment a buyer asks until the money is settled."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Self

from domain.checkout import CheckoutRequest, Payer
from domain.disputes import Dispute
from domain.errors import DomainError
from domain.ids import BuyerId, OrderNumber, ProgramId, PurchaseId, SessionId
from domain.money import Money
from domain.outbox import Notice, OutgoingMail
from domain.quote import Quote
from domain.refunds import (
    COUNTED_STATES,
    OPEN_EXTRAS,
    OPEN_STATES,
    ExtraPayment,
    Refund,
    RefundState,
)

if TYPE_CHECKING:
    from domain.transitions import Transition


class Status(StrEnum):
    CREATING = "creating"
    RESERVED = "reserved"
    PENDING = "pending"
    CLOSING = "closing"
    COMPLETED = "completed"
    REFUNDING = "refunding"
    REFUNDED = "refunded"
    CLOSED = "closed"


# The whole state machine (docs/adr/0002).  Terminal statuses lead nowhere: late money
# is refunded, it never revives a purchase.
NEXT: Final[Mapping[Status, frozenset[Status]]] = {
    Status.CREATING: frozenset({Status.RESERVED, Status.CLOSED}),
    Status.RESERVED: frozenset(
        {Status.PENDING, Status.CLOSING, Status.COMPLETED, Status.CLOSED}
    ),
    Status.PENDING: frozenset({Status.CLOSING, Status.COMPLETED, Status.CLOSED}),
    Status.CLOSING: frozenset({Status.COMPLETED, Status.CLOSED}),
    Status.COMPLETED: frozenset({Status.REFUNDING, Status.REFUNDED}),
    Status.REFUNDING: frozenset({Status.REFUNDED, Status.COMPLETED}),
    Status.REFUNDED: frozenset(),
    Status.CLOSED: frozenset(),
}
TERMINAL: Final = frozenset(status for status, after in NEXT.items() if not after)
LIVE: Final = frozenset(Status) - TERMINAL
AWAITING_PAYMENT: Final = frozenset({Status.RESERVED, Status.PENDING, Status.CLOSING})
OWNED: Final = frozenset({Status.COMPLETED, Status.REFUNDING})


class ClosedReason(StrEnum):
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    LIMIT_REACHED = "limit_reached"
    REJECTED = "rejected"
    REPLACED = "replaced"
    FAILED = "failed"


class IllegalTransition(DomainError):
    code = "illegal_transition"

    def __init__(self, *, current: Status, wanted: Status) -> None:
        super().__init__(f"A {current} purchase cannot become {wanted}.")
        self.current = current
        self.wanted = wanted


class AlreadyPurchased(DomainError):
    code = "already_purchased"

    def __init__(self, purchase_id: PurchaseId) -> None:
        super().__init__("You have already purchased this program.")
        self.purchase_id = purchase_id


class CannotCancel(DomainError):
    code = "cannot_cancel_completed"

    def __init__(self) -> None:
        super().__init__("A completed purchase cannot be cancelled; ask for a refund.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """The person who buys, as the token described them when they asked."""

    id: BuyerId
    email: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchasedProgram:
    """The program as it was when it was bought."""

    id: ProgramId
    title: str
    program_type: str
    time_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """The page on which this purchase can be paid."""

    id: SessionId
    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """The payment that completed the purchase.

    `event_id` is the event that told of it, for whoever looks into it later; None where
    we asked ourselves.
    """

    session_id: SessionId
    payment_intent: str | None
    amount: Money
    event_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMethod:
    """How it was paid; of a card, its brand and last four digits and nothing else."""

    type: str
    brand: str | None = None
    last4: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """One buyer, one program, one choice, one price.

    Facts only grow: once `session`, `paid` or `closed_reason` is known it never
    changes, and `refunds`, `extra_payments` and `notices` never lose a row.
    """

    id: PurchaseId
    order_number: OrderNumber
    buyer: Buyer
    program: PurchasedProgram
    quote: Quote
    status: Status
    created_at: datetime
    updated_at: datetime
    request: CheckoutRequest | None = None
    session: OpenSession | None = None
    closing_reason: ClosedReason | None = None
    closed_reason: ClosedReason | None = None
    paid: Payment | None = None
    payer: Payer | None = None
    payment_method: PaymentMethod | None = None
    is_processing: bool = False
    completed_at: datetime | None = None
    confirmation: OutgoingMail | None = None
    extra_payments: tuple[ExtraPayment, ...] = ()
    refunds: tuple[Refund, ...] = ()
    dispute: Dispute | None = None
    notices: tuple[Notice, ...] = ()
    unsettled_since: datetime | None = None  # while some money has no outcome
    money_revision: int = 0  # how often refunds, extra payments or disputes moved

    def __post_init__(self) -> None:
        if self.quote.is_free != (self.request is None):
            raise ValueError("a purchase asks for money or it is free, never both")

    @classmethod
    def begin(
        cls,
        *,
        id: PurchaseId,  # noqa: A002  # the field's name
        order_number: OrderNumber,
        buyer: Buyer,
        program: PurchasedProgram,
        quote: Quote,
        request: CheckoutRequest | None,
        at: datetime,
    ) -> Self:
        """Write down what the buyer wants, before anything outside hears of it."""
        is_rep = quote.is_class_rep
        return cls(
            id=id,
            order_number=order_number,
            buyer=buyer,
            program=program,
            quote=quote,
            request=request,
            status=Status.CREATING if is_rep else Status.RESERVED,
            created_at=at,
            updated_at=at,
        )

    @property
    def is_class_rep(self) -> bool:
        return self.quote.is_class_rep

    @property
    def is_free(self) -> bool:
        return self.quote.is_free

    @property
    def is_live(self) -> bool:
        return self.status in LIVE

    @property
    def is_terminal(self) -> bool:
        return self.status in TERMINAL

    @property
    def is_owned(self) -> bool:
        """Say whether the buyer has access: paid, and no refund has succeeded."""
        return self.status in OWNED

    @property
    def holds_a_spot(self) -> bool:
        """Say whether a class-rep spot is rightly held (invariant I5)."""
        return self.is_class_rep and self.is_live and self.status != Status.CREATING

    @property
    def pay_url(self) -> str | None:
        """Return where to pay, only while it can be paid (invariant I10)."""
        is_payable = self.status is Status.PENDING and not self.is_processing
        return self.session.url if is_payable and self.session else None

    @property
    def last_refund_failed(self) -> bool:
        """Say whether the buyer keeps access only because Stripe gave nothing back."""
        return (
            self.status is Status.COMPLETED
            and bool(self.refunds)
            and self.refunds[-1].state in {RefundState.FAILED, RefundState.REFUSED}
        )

    @property
    def refunded_amount(self) -> int:
        """Return what refunds gave back or still may, in minor units.

        Derived from the rows, never counted beside them (invariant I7).
        """
        rows = (row for row in self.refunds if row.state in COUNTED_STATES)
        return sum(row.amount.amount for row in rows)

    @property
    def has_open_money(self) -> bool:
        """Say whether money has yet to go back, or has yet to arrive there."""
        return any(row.state in OPEN_STATES for row in self.refunds) or any(
            row.state in OPEN_EXTRAS for row in self.extra_payments
        )

    @property
    def mails(self) -> tuple[OutgoingMail, ...]:
        """Return every mail that the purchase owes or owed."""
        confirmation = () if self.confirmation is None else (self.confirmation,)
        return (*confirmation, *self.notices)

    @property
    def forbids_refunds(self) -> bool:
        """Say whether a bank may take back what a refund would give back."""
        return self.dispute is not None and self.dispute.forbids_refunds

    def may_own(self, session_id: SessionId) -> bool:
        """Say whether a session is its own, or may be while none is saved."""
        return self.session is None or self.session.id == session_id

    def awaits(self, payment: Payment) -> bool:
        """Say whether this payment completes it: the quoted amount in its own session.

        Only the status can change of all this, so that a repository may decide it in
        the write itself (protocol 3.2, PAID).
        """
        return (
            self.status in AWAITING_PAYMENT
            and self.paid is None
            and self.may_own(payment.session_id)
            and self.quote.total == payment.amount
        )

    def after(self, transition: "Transition", *, at: datetime) -> Self:
        """Return the purchase as it is once a transition has happened.

        Raises:
            IllegalTransition: it does not lead from here.
        """
        if not transition.fits(self):
            raise IllegalTransition(current=self.status, wanted=transition.target)
        return replace(
            self, status=transition.target, updated_at=at, **transition.facts
        )
