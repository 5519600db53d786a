"""What an honest provider has booked of a purchase, told from its rows by hand."""

from collections.abc import Iterator
from datetime import datetime
from itertools import count
from typing import Any

from domain.disputes import Dispute, DisputeState
from domain.ledger import Movement, MovementKind, Sum
from domain.purchase import Purchase
from domain.refunds import ExtraPayment, ExtraPaymentState, Refund, RefundState
from entrypoints.simulation.outside.clock import NOON
from tests.examples import INTENT

numbers = count(1)


def a_movement(
    kind: MovementKind = MovementKind.PAYMENT,
    amount: int = 8_000,
    *,
    currency: str = "usd",
    at: datetime = NOON,
    **changes: Any,
) -> Movement:
    """Return money that moved of Ada's payment; of its charge, if nothing is said."""
    movement: dict[str, Any] = {
        "id": f"txn_{next(numbers)}",
        "kind": kind,
        "subject": "ch_1",
        "payment_intent": INTENT,
        "sum": Sum(amount=amount, currency=currency),
        "at": at,
    }
    return Movement(**movement | changes)


def booked_of(purchase: Purchase) -> Iterator[Movement]:
    """Yield what moved, if the rows are right."""
    paid = purchase.paid
    if paid is not None:
        yield a_movement(amount=paid.amount.amount)
    for row in purchase.refunds:
        yield from _of_refund(row)
    if purchase.dispute is not None:
        yield from _of_dispute(purchase.dispute, INTENT)
    for extra in purchase.extra_payments:
        yield from _of_extra(extra)


def _of_refund(row: Refund) -> Iterator[Movement]:
    amount = row.amount.amount
    of_it: dict[str, Any] = {"subject": row.stripe_id}
    if row.state in {RefundState.DONE, RefundState.FAILED}:
        yield a_movement(MovementKind.REFUND, -amount, **of_it)
    if row.state is RefundState.FAILED:
        yield a_movement(MovementKind.REFUND_FAILURE, amount, **of_it)


def _of_extra(extra: ExtraPayment) -> Iterator[Movement]:
    of: dict[str, Any] = {
        "payment_intent": extra.payment_intent,
        "currency": extra.currency,
    }
    yield a_movement(amount=extra.amount, subject="ch_extra", **of)
    for refund_id in extra.failed:
        out, back = MovementKind.REFUND, MovementKind.REFUND_FAILURE
        yield a_movement(out, -extra.amount, subject=refund_id, **of)
        yield a_movement(back, extra.amount, subject=refund_id, **of)
    if extra.state is ExtraPaymentState.DONE:
        # Somebody gave a part back before, and our refund was for what was left.
        yield a_movement(MovementKind.REFUND, -1, subject="re_part", **of)
        left = 1 - extra.amount
        yield a_movement(MovementKind.REFUND, left, subject=extra.stripe_id, **of)


def _of_dispute(dispute: Dispute, payment_intent: str) -> Iterator[Movement]:
    of: dict[str, Any] = {"subject": dispute.id, "payment_intent": payment_intent}
    if dispute.state in {DisputeState.LOST, DisputeState.WON}:
        yield a_movement(MovementKind.DISPUTE, -dispute.amount.amount, **of)
    if dispute.state is DisputeState.WON:
        yield a_movement(MovementKind.DISPUTE_REVERSAL, dispute.amount.amount, **of)
