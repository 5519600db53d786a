from datetime import datetime
from typing import Protocol

from domain.ids import OrderNumber, PurchaseId


class Randomness(Protocol):
    """What must not be guessed, and what must not happen to all at once."""

    def purchase_id(self) -> PurchaseId:
        """Return an id that was never given before and will never be again."""
        ...

    def refund_id(self) -> str:
        """Return an id for a refund that we ask for, likewise."""
        ...

    def order_number(self, *, at: datetime) -> OrderNumber:
        """Return an unguessable order number of that day (UTC)."""
        ...

    def jitter(self) -> float:
        """Return a number from 0 up to 1, to spread retries."""
        ...
