"""What moved at the provider and what our rows say of it, payment by payment.

Both are matched by name and never by sum alone: two mistakes that cancel out are two
mistakes, and a payment at midnight is none.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeAlias

from domain.disputes import OVER_FOR_US, Dispute, DisputeState
from domain.ids import PurchaseId
from domain.orphans import Orphan
from domain.purchase import Purchase
from domain.refunds import ExtraPayment, ExtraPaymentState, RefundState


class MovementKind(StrEnum):
    """https://docs.stripe.com/reports/reporting-categories, as far as it concerns us.

    A payment that failed after it had succeeded is among them, for we know of none.
    """

    PAYMENT = "payment"
    PAYMENT_FAILURE = "payment_failure"
    REFUND = "refund"
    REFUND_FAILURE = "refund_failure"
    DISPUTE = "dispute"
    DISPUTE_REVERSAL = "dispute_reversal"


OF_A_PAYMENT: Final = frozenset({MovementKind.PAYMENT, MovementKind.PAYMENT_FAILURE})
COMES_IN: Final = frozenset(
    {
        MovementKind.PAYMENT,
        MovementKind.REFUND_FAILURE,
        MovementKind.DISPUTE_REVERSAL,
    }
)
NOT_GIVEN: Final = frozenset({RefundState.FAILED, RefundState.REFUSED})

# What moved: its kind, and the payment or else the refund or dispute that it is of.
Trace: TypeAlias = tuple[MovementKind, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """An amount of minor units, below zero if it went out, in one currency."""

    amount: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """Money moved at the provider, in the currency that the buyer paid in.

    `subject` is the charge, refund or dispute.  The last three are what we wrote into
    its metadata; they are None on a dispute, and on a refund that somebody made
    outside.
    """

    id: str
    kind: MovementKind
    subject: str
    payment_intent: str
    sum: Sum
    at: datetime
    purchase_id: PurchaseId | None = None
    app: str | None = None
    environment: str | None = None

    @property
    def trace(self) -> Trace:
        is_of_payment = self.kind in OF_A_PAYMENT
        return self.kind, self.payment_intent if is_of_payment else self.subject


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRecord:
    """A refund that has been sent, and what its row says has become of it."""

    id: str
    amount: int
    state: RefundState


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRecord:
    """All that our rows say of one payment.

    `is_owed_back`: it is nobody's purchase, so whatever of it goes back, goes rightly:
    its row asks for what is left, and others may have given back parts before.
    """

    payment_intent: str
    paid: Sum
    purchase_id: PurchaseId | None
    refunds: tuple[RefundRecord, ...] = ()
    dispute: Dispute | None = None
    is_owed_back: bool = False

    def expected(self, movement: Movement) -> Sum | None:
        """Return what our rows say that this movement is; None if they know none."""
        match movement.kind:
            case MovementKind.PAYMENT:
                return self.paid
            case MovementKind.REFUND | MovementKind.REFUND_FAILURE:
                return self._of_refund(movement)
            case MovementKind.DISPUTE | MovementKind.DISPUTE_REVERSAL:
                return self._of_dispute(movement)
            case MovementKind.PAYMENT_FAILURE:
                return None

    def missing(self, seen: Collection[Trace]) -> Iterator[tuple[Trace, Sum]]:
        """Yield what must have moved if our rows are right, and was not seen."""
        for trace, amount in self._certain(seen):
            if trace not in seen:
                yield trace, self._signed(trace[0], amount)

    def _of_refund(self, movement: Movement) -> Sum | None:
        is_given = movement.kind is MovementKind.REFUND
        refund = self._refund(movement.subject)
        if refund is None:
            return movement.sum if self.is_owed_back else None
        if not is_given and refund.state not in NOT_GIVEN:
            return None
        if self.is_owed_back:
            return movement.sum
        return self._signed(movement.kind, refund.amount)

    def _refund(self, refund_id: str) -> RefundRecord | None:
        return next((row for row in self.refunds if row.id == refund_id), None)

    def _of_dispute(self, movement: Movement) -> Sum | None:
        dispute = self.dispute
        if dispute is None or dispute.id != movement.subject:
            return None
        is_taken = movement.kind is MovementKind.DISPUTE
        if not is_taken and dispute.state not in OVER_FOR_US:
            return None
        amount, currency = dispute.amount.amount, dispute.amount.currency.code
        return Sum(amount=-amount if is_taken else amount, currency=currency)

    def _certain(self, seen: Collection[Trace]) -> Iterator[tuple[Trace, int]]:
        """Yield what must have moved; what is pending may have or may not."""
        yield (MovementKind.PAYMENT, self.payment_intent), self.paid.amount
        for refund in self.refunds:
            given = (MovementKind.REFUND, refund.id)
            if refund.state is RefundState.DONE:
                yield given, refund.amount
            elif refund.state in NOT_GIVEN and given in seen:
                yield (MovementKind.REFUND_FAILURE, refund.id), refund.amount
        if self.dispute is not None:
            yield from _certain_of_dispute(self.dispute, seen)

    def _signed(self, kind: MovementKind, amount: int) -> Sum:
        sign = 1 if kind in COMES_IN else -1
        return Sum(amount=sign * amount, currency=self.paid.currency)


def records_of(purchase: Purchase) -> Iterator[PaymentRecord]:
    """Yield what a purchase says of its own payment and of each extra one."""
    paid = purchase.paid
    if paid is not None and paid.payment_intent is not None:
        yield PaymentRecord(
            payment_intent=paid.payment_intent,
            paid=Sum(amount=paid.amount.amount, currency=paid.amount.currency.code),
            purchase_id=purchase.id,
            refunds=tuple(
                RefundRecord(
                    id=row.stripe_id, amount=row.amount.amount, state=row.state
                )
                for row in purchase.refunds
                if row.stripe_id is not None
            ),
            dispute=purchase.dispute,
        )
    for extra in purchase.extra_payments:
        yield from records_of_extra(extra, purchase.id)


def records_of_extra(
    extra: ExtraPayment, purchase_id: PurchaseId | None
) -> Iterator[PaymentRecord]:
    """Yield what money that must go back says of its payment, if it names one."""
    if extra.payment_intent is None:
        return
    done = extra.stripe_id if extra.state is ExtraPaymentState.DONE else None
    yield PaymentRecord(
        payment_intent=extra.payment_intent,
        paid=Sum(amount=extra.amount, currency=extra.currency),
        purchase_id=purchase_id,
        refunds=(RefundRecord(id=done, amount=extra.amount, state=RefundState.DONE),)
        if done
        else (),
        dispute=extra.dispute,
        is_owed_back=True,
    )


def records_of_orphan(orphan: Orphan) -> Iterator[PaymentRecord]:
    """Yield what a payment says that no purchase names."""
    yield from records_of_extra(orphan.money, orphan.session.purchase_id)


def _certain_of_dispute(
    dispute: Dispute, seen: Collection[Trace]
) -> Iterator[tuple[Trace, int]]:
    taken = (MovementKind.DISPUTE, dispute.id)
    if dispute.state is DisputeState.LOST:
        yield taken, dispute.amount.amount
    elif dispute.state is DisputeState.WON and taken in seen:
        yield (MovementKind.DISPUTE_REVERSAL, dispute.id), dispute.amount.amount
