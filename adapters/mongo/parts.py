"""The pieces of a purchase at rest.

The names here are the database's and stay when the domain renames its own.  A field
that an older version did not write has a default; one that a newer version wrote is
ignored.  What is unknown is left out rather than stored as null.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from domain.checkout import CheckoutRequest, Payer
from domain.disputes import Dispute, DisputeState
from domain.ids import SessionId
from domain.money import Money
from domain.outbox import MailState, Notice, NoticeKind, OutgoingMail
from domain.purchase import OpenSession, Payment, PaymentMethod
from domain.quote import Quote
from domain.refunds import (
    ExtraPayment,
    ExtraPaymentState,
    ExtraReason,
    Refund,
    RefundState,
)

# An error about a row that cannot be read ends in the log; the row names people.
QUOTES_NOTHING: Final = ConfigDict(hide_input_in_errors=True)

T = TypeVar("T")
U = TypeVar("U")


def when_known(value: T | None, translate: Callable[[T], U]) -> U | None:
    return None if value is None else translate(value)


class Part(BaseModel):
    def at_rest(self) -> dict[str, Any]:
        return self.model_dump(exclude_none=True)


class QuotePart(Part):
    """All amounts are in the one currency."""

    full: int
    rep_discount: int
    early_discount: int
    amount: int
    currency: str
    class_rep: bool
    early_bird: bool
    program_rev: int
    at: datetime

    @classmethod
    def from_domain(cls, quote: Quote) -> Self:
        return cls(
            full=quote.full_price.amount,
            rep_discount=quote.class_rep_discount.amount,
            early_discount=quote.early_bird_discount.amount,
            amount=quote.total.amount,
            currency=quote.total.currency.code,
            class_rep=quote.is_class_rep,
            early_bird=quote.is_early_bird,
            program_rev=quote.program_revision,
            at=quote.quoted_at,
        )

    def to_domain(self) -> Quote:
        return Quote(
            full_price=Money.of(self.full, self.currency),
            class_rep_discount=Money.of(self.rep_discount, self.currency),
            early_bird_discount=Money.of(self.early_discount, self.currency),
            total=Money.of(self.amount, self.currency),
            is_class_rep=self.class_rep,
            is_early_bird=self.early_bird,
            program_revision=self.program_rev,
            quoted_at=self.at,
        )


class RequestPart(BaseModel):
    """What the provider is asked; its `parameters` come back as they went in."""

    expires_at: datetime
    parameters: dict[str, Any]

    @classmethod
    def from_domain(cls, request: CheckoutRequest) -> Self:
        return cls(expires_at=request.expires_at, parameters=dict(request.parameters))

    def to_domain(self) -> CheckoutRequest:
        return CheckoutRequest(expires_at=self.expires_at, parameters=self.parameters)


class SessionPart(Part):
    id: str
    url: str
    expires_at: datetime

    @classmethod
    def from_domain(cls, session: OpenSession) -> Self:
        return cls(id=session.id, url=session.url, expires_at=session.expires_at)

    def to_domain(self) -> OpenSession:
        return OpenSession(
            id=SessionId(self.id), url=self.url, expires_at=self.expires_at
        )


class PaymentPart(Part):
    session_id: str
    payment_intent: str | None = None
    amount: int
    currency: str
    event_id: str | None = None

    @classmethod
    def from_domain(cls, payment: Payment) -> Self:
        return cls(
            session_id=payment.session_id,
            payment_intent=payment.payment_intent,
            amount=payment.amount.amount,
            currency=payment.amount.currency.code,
            event_id=payment.event_id,
        )

    def to_domain(self) -> Payment:
        return Payment(
            session_id=SessionId(self.session_id),
            payment_intent=self.payment_intent,
            amount=Money.of(self.amount, self.currency),
            event_id=self.event_id,
        )


class PayerPart(Part):
    name: str | None = None
    email: str | None = None
    country: str | None = None

    @classmethod
    def from_domain(cls, payer: Payer) -> Self:
        return cls(name=payer.name, email=payer.email, country=payer.country)

    def to_domain(self) -> Payer:
        return Payer(name=self.name, email=self.email, country=self.country)


class MethodPart(Part):
    type: str
    brand: str | None = None
    last4: str | None = None

    @classmethod
    def from_domain(cls, method: PaymentMethod) -> Self:
        return cls(type=method.type, brand=method.brand, last4=method.last4)

    def to_domain(self) -> PaymentMethod:
        return PaymentMethod(type=self.type, brand=self.brand, last4=self.last4)


class MailPart(Part):
    message_id: str
    until: datetime
    state: MailState = MailState.DUE
    tries: int = 0
    by: str | None = None

    @classmethod
    def from_domain(cls, mail: OutgoingMail) -> Self:
        return cls(
            message_id=mail.message_id,
            until=mail.until,
            state=mail.state,
            tries=mail.tries,
            by=mail.leased_by,
        )

    def to_domain(self) -> OutgoingMail:
        return OutgoingMail(
            message_id=self.message_id,
            until=self.until,
            state=self.state,
            tries=self.tries,
            leased_by=self.by,
        )


class NoticePart(MailPart):
    """`open_until` is `until` while the mail has yet to be sent, for the index."""

    kind: NoticeKind
    row: str
    open_until: datetime | None = None

    @classmethod
    def from_notice(cls, notice: Notice) -> Self:
        mail = MailPart.from_domain(notice).model_dump()
        open_until = notice.until if notice.is_open else None
        return cls(**mail, kind=notice.kind, row=notice.row_id, open_until=open_until)

    def to_notice(self, place: int) -> Notice:
        return Notice(
            message_id=self.message_id,
            until=self.until,
            state=self.state,
            tries=self.tries,
            leased_by=self.by,
            kind=self.kind,
            row_id=self.row,
            place=place,
        )


class DisputePart(Part):
    id: str
    state: DisputeState
    amount: int
    currency: str
    opened_at: datetime

    @classmethod
    def from_domain(cls, dispute: Dispute) -> Self:
        return cls(
            id=dispute.id,
            state=dispute.state,
            amount=dispute.amount.amount,
            currency=dispute.amount.currency.code,
            opened_at=dispute.opened_at,
        )

    def to_domain(self) -> Dispute:
        return Dispute(
            id=self.id,
            state=self.state,
            amount=Money.of(self.amount, self.currency),
            opened_at=self.opened_at,
        )


class ExtraPaymentPart(Part):
    session_id: str
    payment_intent: str | None = None
    amount: int
    currency: str
    reason: ExtraReason
    tries: int = 0
    state: ExtraPaymentState = ExtraPaymentState.DUE
    stripe_id: str | None = None
    failed: list[str] = Field(default_factory=list)
    dispute: DisputePart | None = None

    @classmethod
    def from_domain(cls, extra: ExtraPayment) -> Self:
        return cls(
            session_id=extra.session_id,
            payment_intent=extra.payment_intent,
            amount=extra.amount,
            currency=extra.currency,
            reason=extra.reason,
            tries=extra.tries,
            state=extra.state,
            stripe_id=extra.stripe_id,
            failed=list(extra.failed),
            dispute=when_known(extra.dispute, DisputePart.from_domain),
        )

    def to_domain(self) -> ExtraPayment:
        return ExtraPayment(
            session_id=SessionId(self.session_id),
            payment_intent=self.payment_intent,
            amount=self.amount,
            currency=self.currency,
            reason=self.reason,
            tries=self.tries,
            state=self.state,
            stripe_id=self.stripe_id,
            failed=tuple(self.failed),
            dispute=when_known(self.dispute, DisputePart.to_domain),
        )


class RefundPart(Part):
    id: str
    amount: int
    currency: str
    reason: str
    by: str
    state: RefundState = RefundState.DUE
    stripe_id: str | None = None
    done_at: datetime | None = None  # when we learnt it; only figures ask for it

    @classmethod
    def from_domain(cls, refund: Refund) -> Self:
        return cls(
            id=refund.id,
            amount=refund.amount.amount,
            currency=refund.amount.currency.code,
            reason=refund.reason,
            by=refund.by,
            state=refund.state,
            stripe_id=refund.stripe_id,
        )

    def to_domain(self) -> Refund:
        return Refund(
            id=self.id,
            amount=Money.of(self.amount, self.currency),
            reason=self.reason,
            by=self.by,
            state=self.state,
            stripe_id=self.stripe_id,
        )
