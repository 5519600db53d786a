"""What is asked of the stored rows of purchases."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from domain.cool_down import is_abandoned
from domain.purchase import Purchase


def left_since(since: datetime, rows: Iterable[Purchase]) -> Sequence[Purchase]:
    """Return the class-rep checkouts that were abandoned after a moment."""
    return [row for row in rows if is_abandoned(row) and row.updated_at > since]


def only_waits(row: Purchase) -> bool:
    states = {refund.state.value for refund in row.refunds}
    states |= {extra.state.value for extra in row.extra_payments}
    return "sent" in states and "due" not in states
