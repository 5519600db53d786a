"""Giving money back: what may be asked, and what the provider's word changes.

Rows and status move together.  Each function takes the purchase as it was read and
returns it as it should be; a repository stores the result in one write, if no row and
no status has moved since (protocol 3.2, REFUND).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from domain.errors import DomainError
from domain.ids import PurchaseId
from domain.money import Money
from domain.purchase import OWNED, Purchase, Status
from domain.refunds import (
    OPEN_STATES,
    REFUND_NEXT,
    REFUNDS_MAX,
    Refund,
    RefundState,
)

OUTSIDE: Final = "dashboard"  # who asked for a refund that we did not ask for


class NotRefundable(DomainError):
    """There is nothing to give back, or not now; `why` is stable."""

    code = "not_refundable"

    def __init__(self, why: str, message: str) -> None:
        super().__init__(message)
        self.why = why


class RefundUnderWay(DomainError):
    code = "refund_under_way"

    def __init__(self) -> None:
        super().__init__("A refund of this purchase is under way.")


class RefundTooLarge(DomainError):
    code = "refund_too_large"

    def __init__(self, *, rest: int) -> None:
        super().__init__(f"No more than {rest} can be given back.")
        self.rest = rest


class RefundWindowClosed(DomainError):
    code = "refund_window_closed"

    def __init__(self, *, deadline: datetime) -> None:
        super().__init__("The time in which this purchase could be returned is over.")
        self.deadline = deadline


class RefundStatus(StrEnum):
    """https://docs.stripe.com/api/refunds/object, `status`."""

    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


WORD_OF: Final = {
    RefundStatus.PENDING: RefundState.SENT,
    RefundStatus.REQUIRES_ACTION: RefundState.SENT,
    RefundStatus.SUCCEEDED: RefundState.DONE,
    RefundStatus.FAILED: RefundState.FAILED,
    RefundStatus.CANCELED: RefundState.FAILED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundReport:
    """The provider's word on one refund.

    The last four are what we wrote into its metadata; they are None on a refund that
    somebody made outside, such as in the dashboard.
    """

    id: str
    payment_intent: str
    amount: int
    currency: str
    status: RefundStatus
    created_at: datetime
    row_id: str | None = None
    purchase_id: PurchaseId | None = None
    app: str | None = None
    environment: str | None = None


def refund_deadline(purchase: Purchase, *, window: timedelta) -> datetime | None:
    """Return until when a buyer may ask; None if it was never completed."""
    return purchase.completed_at and purchase.completed_at + window


def rest_to_refund(purchase: Purchase) -> int:
    """Return what no refund has given back or still may, in minor units."""
    paid = purchase.paid.amount.amount if purchase.paid else 0
    return max(0, paid - purchase.refunded_amount)


def owes_after_refund(purchase: Purchase) -> bool:
    """Say whether a buyer without access has yet to be given money that nobody sends.

    Such as when a refund failed after it had succeeded, and there is no room for more.
    """
    is_open = any(row.state in OPEN_STATES for row in purchase.refunds)
    is_over = purchase.status is Status.REFUNDED and not purchase.forbids_refunds
    return is_over and not is_open and rest_to_refund(purchase) > 0


def check_window(purchase: Purchase, *, at: datetime, window: timedelta) -> None:
    """Refuse a buyer who asks too late.

    Raises:
        NotRefundable: it was never completed.
        RefundWindowClosed: the deadline has passed.
    """
    deadline = refund_deadline(purchase, window=window)
    if deadline is None:
        raise NotRefundable(
            "not_completed", "Only completed purchases can be refunded."
        )
    if at >= deadline:
        raise RefundWindowClosed(deadline=deadline)


def check_refundable(purchase: Purchase) -> None:
    """Refuse what cannot be refunded now.

    Raises:
        NotRefundable: not completed, disputed, or with too many rows.
        RefundUnderWay: one refund at a time.
    """
    if any(row.state in OPEN_STATES for row in purchase.refunds):
        raise RefundUnderWay
    if purchase.status is not Status.COMPLETED:
        raise NotRefundable(
            "not_completed", "Only completed purchases can be refunded."
        )
    if purchase.forbids_refunds:
        raise NotRefundable("disputed", "The payment is disputed; the bank decides.")
    if len(purchase.refunds) >= REFUNDS_MAX:
        raise NotRefundable("too_many", "It was refunded in too many parts.")


def check_whole_if_free(purchase: Purchase, *, amount: int | None) -> None:
    """Refuse a sum of what cost nothing: it is given back whole, or not at all.

    Args:
        purchase: any.
        amount: in minor units; None for all of it.

    Raises:
        RefundTooLarge: nothing is left of nothing.
    """
    if purchase.is_free and amount is not None:
        raise RefundTooLarge(rest=0)


def ask_refund(
    purchase: Purchase, *, row_id: str, amount: int | None, reason: str, by: str
) -> Purchase:
    """Return the purchase with the intent to give money back; nothing is sent yet.

    Args:
        purchase: completed and paid.
        row_id: the refund's id; asked again with the same one, nothing changes.
        amount: in minor units; None for all that is left.
        reason: for the provider and the log.
        by: who asked.

    Raises:
        NotRefundable: see `check_refundable`; or nothing was paid.
        RefundTooLarge: more than is left.
        RefundUnderWay: one refund at a time.
    """
    if has_row(purchase, row_id):
        return purchase
    check_refundable(purchase)
    if purchase.paid is None:
        raise NotRefundable("nothing_paid", "Nothing was paid for this purchase.")
    rest = rest_to_refund(purchase)
    wanted = rest if amount is None else amount
    if not 0 < wanted <= rest:
        raise RefundTooLarge(rest=rest)
    row = Refund(
        id=row_id,
        amount=Money(wanted, purchase.paid.amount.currency),
        reason=reason,
        by=by,
    )
    status = Status.REFUNDING if wanted == rest else purchase.status
    return replace(purchase, refunds=(*purchase.refunds, row), status=status)


def has_row(purchase: Purchase, row_id: str) -> bool:
    """Say whether this refund was asked for before."""
    return any(row.id == row_id for row in purchase.refunds)


def learn_refund(purchase: Purchase, report: RefundReport) -> Purchase:
    """Return the purchase after the provider's word on a refund of its own payment.

    A word that is older than what we know changes nothing; a refund that we did not ask
    for becomes a row of its own, keyed by its id, as long as there is room.
    """
    word = WORD_OF[report.status]
    rows = list(purchase.refunds)
    at = _row_of(rows, report)
    if at is None:
        if len(rows) >= REFUNDS_MAX or purchase.paid is None:
            return purchase
        rows.append(_row_from_outside(purchase.paid.amount, report, word))
    elif word in REFUND_NEXT[rows[at].state]:
        rows[at] = replace(rows[at].moved_to(word), stripe_id=report.id)
    elif rows[at].stripe_id is None:
        rows[at] = replace(rows[at], stripe_id=report.id)
    return with_rows(purchase, tuple(rows))


def refuse_refund(purchase: Purchase, *row_ids: str) -> Purchase:
    """Return the purchase after the provider would not make these refunds.

    Not final: a refund may still turn out to have been made.
    """
    rows = tuple(
        row.moved_to(RefundState.REFUSED)
        if row.id in row_ids and RefundState.REFUSED in REFUND_NEXT[row.state]
        else row
        for row in purchase.refunds
    )
    return with_rows(purchase, rows)


def renew_refund(purchase: Purchase, *, row_id: str) -> Purchase:
    """Owe again what a refund gave back and then did not.

    Only where the purchase is over: its buyer has no access, so the money must go.
    Anywhere else, and where there is no room for another row, the purchase is returned
    as it came.
    """
    is_owed = purchase.status is Status.REFUNDED and not purchase.forbids_refunds
    rest = rest_to_refund(purchase)
    has_room = len(purchase.refunds) < REFUNDS_MAX
    if not (is_owed and has_room and rest) or purchase.paid is None:
        return purchase
    row = Refund(
        id=row_id,
        amount=Money(rest, purchase.paid.amount.currency),
        reason="failed_after_success",
        by="reconcile",
    )
    return with_rows(purchase, (*purchase.refunds, row))


def with_rows(purchase: Purchase, rows: tuple[Refund, ...]) -> Purchase:
    """Put the rows in, and the status that follows from them.

    All given back ends the purchase; a refund of all that did not come about gives the
    buyer back what they had.
    """
    purchase = replace(purchase, refunds=rows)
    if purchase.status not in OWNED or purchase.paid is None:
        return purchase
    paid = purchase.paid.amount.amount
    done = sum(row.amount.amount for row in rows if row.state is RefundState.DONE)
    if done >= paid:
        return replace(purchase, status=Status.REFUNDED)
    if purchase.status is Status.REFUNDING and purchase.refunded_amount < paid:
        return replace(purchase, status=Status.COMPLETED)
    return purchase


def settle_refunding(purchase: Purchase) -> Purchase:
    """Return the purchase in the status that its rows say.

    Rows and status move together, so this is for what a hand or a restored backup left:
    without an open row, nothing else would ever take it out of `refunding`.
    """
    return with_rows(purchase, purchase.refunds)


def knows_refund(purchase: Purchase, report: RefundReport) -> bool:
    """Say whether a row stands for this refund."""
    return _row_of(purchase.refunds, report) is not None


def _row_of(rows: Sequence[Refund], report: RefundReport) -> int | None:
    """Find a refund's row: by its own id, or ours if no other refund took the row."""
    for at, row in enumerate(rows):
        if report.id in {row.stripe_id, row.id}:
            return at
    for at, row in enumerate(rows):
        if report.row_id == row.id and row.stripe_id is None:
            return at
    return None


def _row_from_outside(paid: Money, report: RefundReport, word: RefundState) -> Refund:
    return Refund(
        id=report.id,
        stripe_id=report.id,
        amount=Money(report.amount, paid.currency),
        reason="made outside",
        by=OUTSIDE,
        state=word,
    )
