"""What the model would call refunds and disputes of a purchase's own payment."""

from collections.abc import Iterator, Sequence
from typing import Final

from domain.disputes import Dispute as DomainDispute
from domain.disputes import DisputeState
from domain.purchase import Purchase as Row
from domain.purchase import Status
from domain.refunding import OUTSIDE, RefundReport, RefundStatus, rest_to_refund
from domain.refunds import ExtraPayment, RefundState
from domain.refunds import Refund as RefundRow
from tests.conformance.stage import Treasury
from tests.model.vocabulary import (
    DASHBOARD,
    OWN,
    PRICE,
    Dispute,
    Purchase,
    Refund,
)
from tests.model.vocabulary import Row as RowState

DISPUTES: Final = {
    DisputeState.NEEDS_RESPONSE: Dispute.OPEN,
    DisputeState.WON: Dispute.WON,
    DisputeState.LOST: Dispute.LOST,
}


class Inexpressible(Exception):
    """The model has no word for what there is."""


class Beyond(Exception):
    """The model goes no further: nothing is wrong, and the walk ends here."""


def with_money(
    purchase: Purchase, row: Row, treasury: Treasury, intent: str | None
) -> Purchase:
    """Add what our rows and Stripe say of money that goes back.

    Raises:
        Beyond: more refunds than the model has numbers, or money left to a human.
    """
    if row.status is Status.REFUNDED and _is_left_to_a_human(row):
        raise Beyond
    numbers = dict(_numbered(row))
    for refund in row.refunds:
        state = RowState[refund.state.name]
        units = units_of(refund.amount.amount, row)
        purchase = purchase.with_row(numbers[refund.id], state, units)
    for report in treasury.listed(intent) if intent else ():
        number = numbers.get(report.row_id or "", DASHBOARD)
        units = units_of(report.amount, row)
        purchase = purchase.with_refund(number, _state_of(report, treasury), units)
    for refund in row.refunds:
        refusal = treasury.refusal_of(f"rf:{refund.id}")
        if refusal is not None:
            is_banks = refusal.reason == "charge_disputed"
            state_of_key = Refund.DISPUTED if is_banks else Refund.REFUSED
            purchase = purchase.with_refund(numbers[refund.id], state_of_key)
    told = treasury.dispute_of(intent)
    return purchase._replace(
        noted_dispute=_word(row.dispute, row), dispute=_word(told, row)
    )


def with_late_money(
    purchase: Purchase, late: ExtraPayment, treasury: Treasury
) -> Purchase:
    """Add what is said of money that came late or wrong, and must go back.

    The code counts the tries in one row; the model has a row for each.  What the
    dashboard gave back settles the code's row; the model refuses its own for it.

    Raises:
        Beyond: more tries than the model has numbers, a new look at what is back, or a
            dispute or a refund of a part from before it was known to be late.
    """
    reports = treasury.listed(late.payment_intent or "")
    is_disputed = treasury.dispute_of(late.payment_intent) is not None
    if is_disputed or late.tries >= len(OWN) or _is_no_whole(late, reports):
        raise Beyond
    for number, state in _tries(late, reports):
        purchase = purchase.with_row(number, state, PRICE)
    for report in reports:
        number = DASHBOARD if report.row_id is None else _try_of(report.row_id)
        purchase = purchase.with_refund(number, _state_of(report, treasury), PRICE)
    for number in range(late.tries + 1):
        if treasury.refusal_of(f"rf:{late.session_id}:{number}") is not None:
            purchase = purchase.with_refund(number, Refund.REFUSED)
    return purchase


def _is_no_whole(late: ExtraPayment, reports: Sequence[RefundReport]) -> bool:
    is_parted = any(report.amount < late.amount for report in reports)
    return is_parted or _is_in_doubt(late, reports)


def _is_in_doubt(late: ExtraPayment, reports: Sequence[RefundReport]) -> bool:
    """Say whether the dashboard's failure made due what a try of ours has given back.

    The code cannot tell whether it was a part of that, and looks; the model can.
    """
    is_known = any(r.row_id is None and r.id in late.failed for r in reports)
    is_back = any(
        r.row_id not in {None, late.row_id} and r.status is RefundStatus.SUCCEEDED
        for r in reports
    )
    return is_known and is_back


def _try_of(row_id: str) -> int:
    return int(row_id.rpartition(":")[2])


def _tries(
    late: ExtraPayment, reports: Sequence[RefundReport]
) -> Iterator[tuple[int, RowState]]:
    # The row has yet to learn what a slow worker makes of a try that was refused.
    failed = {report.row_id for report in reports if report.id in late.failed}
    for number in range(late.tries):
        is_failed = f"{late.session_id}:{number}" in failed
        yield number, RowState.FAILED if is_failed else RowState.REFUSED
    state = RowState[late.state.name]
    outside = {report.id for report in reports if report.row_id is None}
    if late.stripe_id in outside:
        yield DASHBOARD, state
    elif outside & set(late.failed):
        yield DASHBOARD, RowState.FAILED
    yield late.tries, RowState.REFUSED if late.stripe_id in outside else state


def _is_left_to_a_human(row: Row) -> bool:
    """Say whether what was owed again was refused; the model asks once more."""
    refused = any(refund.state is RefundState.REFUSED for refund in row.refunds)
    return refused and not row.is_free and rest_to_refund(row) > 0


def units_of(amount: int, row: Row) -> int:
    """Return an amount as the model counts it: the price is two.

    Raises:
        Inexpressible: it is no multiple of half the price.
    """
    units, left = divmod(amount * PRICE, row.quote.total.amount)
    if left:
        raise Inexpressible(f"{amount} of {row.quote.total.amount}")
    return units


def _numbered(row: Row) -> Iterator[tuple[str, int]]:
    """Number our refunds in the order in which they were meant."""
    ours = [refund for refund in row.refunds if not _is_outside(refund)]
    if len(ours) > len(OWN):
        raise Beyond
    for number, refund in enumerate(ours):
        yield refund.id, number
    for refund in row.refunds:
        if _is_outside(refund):
            yield refund.id, DASHBOARD


def _is_outside(refund: RefundRow) -> bool:
    return refund.by == OUTSIDE


def _state_of(report: RefundReport, treasury: Treasury) -> Refund:
    if report.status is RefundStatus.PENDING:
        return Refund.PENDING
    if report.status is RefundStatus.SUCCEEDED:
        return Refund.DONE
    return Refund.FAILED_LATE if report.id in treasury.succeeded else Refund.FAILED


def _word(dispute: DomainDispute | None, row: Row) -> Dispute:
    if dispute is None:
        return Dispute.NONE
    is_part = dispute.amount.amount < row.quote.total.amount
    is_lost = dispute.state is DisputeState.LOST
    return Dispute.LOST_IN_PART if is_lost and is_part else DISPUTES[dispute.state]
