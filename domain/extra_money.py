"""Extra payments and disputes: what the provider's word changes.

As in `domain.refunding`, each function takes the purchase as it was read and returns it
as it should be, for one write.
"""

from collections.abc import Callable
from dataclasses import replace

from domain.purchase import OWNED, Dispute, DisputeState, Purchase, Status
from domain.refunding import WORD_OF, RefundReport
from domain.refunds import ExtraPayment, ExtraPaymentState, RefundState


def is_extra(purchase: Purchase, payment_intent: str) -> bool:
    """Say whether a payment is one of the purchase's extra ones."""
    return any(row.payment_intent == payment_intent for row in purchase.extra_payments)


def learn_extra_refund(purchase: Purchase, report: RefundReport) -> Purchase:
    """Return the purchase after the provider's word on a refund of extra money.

    Only the row of that payment moves, never the purchase itself.
    """
    word = WORD_OF[report.status]

    def moved(row: ExtraPayment) -> ExtraPayment:
        if word is RefundState.DONE:
            return row.done(report.id)
        if word is RefundState.SENT:
            return row.sent(report.id)
        is_this_try = report.id == row.stripe_id or report.row_id == row.row_id
        return row.not_given_back() if is_this_try else row

    return _with_row(purchase, report.payment_intent, moved)


def refuse_extra_refund(purchase: Purchase, row_id: str) -> Purchase:
    """Return the purchase after the provider would not make this try of a refund."""
    rows = tuple(
        row.not_given_back()
        if row.row_id == row_id and row.state is ExtraPaymentState.DUE
        else row
        for row in purchase.extra_payments
    )
    return replace(purchase, extra_payments=rows)


def learn_dispute(
    purchase: Purchase, dispute: Dispute, *, payment_intent: str
) -> Purchase:
    """Return the purchase after the provider's word on a dispute.

    Lost for all that was paid, it ends the purchase like a refund; lost in part, it is
    flagged and the buyer keeps access.  A dispute of extra money moves its row only.
    """
    if is_extra(purchase, payment_intent):
        return _with_row(purchase, payment_intent, ExtraPayment.disputed)
    known = purchase.dispute
    if known is not None and not known.is_older_than(dispute):
        return purchase
    purchase = replace(purchase, dispute=dispute)
    is_lost = dispute.state is DisputeState.LOST
    if not is_lost or purchase.status not in OWNED or purchase.paid is None:
        return purchase
    if dispute.amount.amount < purchase.paid.amount.amount:
        return purchase
    return replace(purchase, status=Status.REFUNDED)


def _with_row(
    purchase: Purchase,
    payment_intent: str,
    moved: Callable[[ExtraPayment], ExtraPayment],
) -> Purchase:
    rows = tuple(
        moved(row) if row.payment_intent == payment_intent else row
        for row in purchase.extra_payments
    )
    return replace(purchase, extra_payments=rows)
