"""Extra payments and disputes: what the provider's word changes.

As in `domain.refunding`, each function takes the purchase as it was read and returns it
as it should be, for one write.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from domain.disputes import Dispute, DisputeReport, DisputeState
from domain.purchase import OWNED, Purchase, Status
from domain.refunding import (
    WORD_OF,
    RefundReport,
    learn_refund,
    refuse_refund,
    renew_refund,
)
from domain.refunds import OPEN_EXTRAS, ExtraPayment, ExtraPaymentState, RefundState

RowRule = Callable[[ExtraPayment], ExtraPayment]


# --- One row, wherever it lives -----------------------------------------------------


def learn_word(row: ExtraPayment, report: RefundReport) -> ExtraPayment:
    """Return the row after the provider's word on a refund of its payment.

    A part of the money settles nothing, not even our own rest.  Other parts may have
    failed meanwhile, so only a listing says whether it was all.
    """
    if report.id in row.failed:
        return row
    is_this_try = report.id == row.stripe_id or report.row_id == row.row_id
    is_part = report.amount < row.amount
    word = WORD_OF[report.status]
    if word is RefundState.FAILED:
        row = row.remembers_failure(report.id)
        is_missed = is_this_try or row.state is ExtraPaymentState.DONE
        return row.refused() if is_missed else row
    if is_part and not is_this_try:
        return row
    is_all = word is RefundState.DONE and not is_part
    return row.done(report.id) if is_all else row.sent(report.id)


def learn_listing(row: ExtraPayment, reports: Sequence[RefundReport]) -> ExtraPayment:
    """Return the row after the provider listed all refunds of its payment.

    Parts settle the row once they are all of it, and are waited for while they may be.
    If our own try has given back what was left and it is not all, another part has
    failed, and the next try is due.  The list may be older than what the row knows: a
    refund that has failed since is no part of anything, whatever the list calls it.
    """
    for report in reports:
        row = learn_word(row, report)
    if row.state not in OPEN_EXTRAS:
        return row
    alive = [report for report in reports if report.id not in row.failed]
    arrived = [r for r in alive if WORD_OF[r.status] is RefundState.DONE]
    under_way = [r for r in alive if WORD_OF[r.status] is RefundState.SENT]
    missing = row.amount - sum(report.amount for report in arrived)
    if missing <= 0:
        return row.done(arrived[-1].id)
    if under_way and missing <= sum(report.amount for report in under_way):
        return row.sent(under_way[-1].id)
    is_missed = any(report.id == row.stripe_id for report in arrived)
    return row.refused() if is_missed else row


def refuse_try(row: ExtraPayment, row_id: str) -> ExtraPayment:
    """Return the row after the provider would not make this try of a refund."""
    is_that_try = row.row_id == row_id and row.state is ExtraPaymentState.DUE
    return row.refused() if is_that_try else row


# --- The rows of a purchase ---------------------------------------------------------


def with_extra(purchase: Purchase, payment_intent: str, rule: RowRule) -> Purchase:
    """Put a rule to the row of one extra payment."""
    rows = tuple(
        rule(row) if row.payment_intent == payment_intent else row
        for row in purchase.extra_payments
    )
    return replace(purchase, extra_payments=rows)


def is_extra(purchase: Purchase, payment_intent: str) -> bool:
    """Say whether a payment is one of the purchase's extra ones."""
    return any(row.payment_intent == payment_intent for row in purchase.extra_payments)


def learn_extra_refund(purchase: Purchase, report: RefundReport) -> Purchase:
    """Return the purchase after the provider's word on a refund of extra money.

    Only the row of that payment moves, never the purchase itself.
    """
    return with_extra(
        purchase, report.payment_intent, lambda row: learn_word(row, report)
    )


def learn_reports(
    purchase: Purchase, reports: Iterable[RefundReport], *, new_row_id: str
) -> Purchase:
    """Return the purchase after the provider's word on refunds of its payments.

    What comes back although it had been given back is owed again in the same write,
    under `new_row_id`.
    """
    after = purchase
    for report in reports:
        of_extra = is_extra(after, report.payment_intent)
        rule = learn_extra_refund if of_extra else learn_refund
        after = rule(after, report)
    return after if after == purchase else renew_refund(after, row_id=new_row_id)


def learn_dispute(purchase: Purchase, report: DisputeReport) -> Purchase:
    """Return the purchase after the provider's word on a dispute.

    Lost for all that was paid, it ends the purchase like a refund; lost in part, it is
    flagged and the buyer keeps access.  Either way, no refund that still waited will be
    sent.  A dispute of extra money moves its row only.
    """
    dispute = report.dispute
    if is_extra(purchase, report.payment_intent):
        return with_extra(
            purchase, report.payment_intent, lambda row: row.disputed(dispute)
        )
    known = purchase.dispute
    if known is not None and not known.is_older_than(dispute):
        return purchase
    purchase = replace(purchase, dispute=dispute)
    if purchase.status in OWNED and _took_all(purchase, dispute):
        purchase = replace(purchase, status=Status.REFUNDED)
    if dispute.state is DisputeState.LOST:
        waiting = [r.id for r in purchase.refunds if r.state is RefundState.DUE]
        return refuse_refund(purchase, *waiting)
    return purchase


def _took_all(purchase: Purchase, dispute: Dispute) -> bool:
    if dispute.state is not DisputeState.LOST or purchase.paid is None:
        return False
    paid = purchase.paid.amount
    is_same_currency = dispute.amount.currency == paid.currency
    return is_same_currency and dispute.amount.amount >= paid.amount
