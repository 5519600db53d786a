from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from domain.checkout import CheckoutSession
from domain.ids import PurchaseId


class OrphanReason(StrEnum):
    UNKNOWN_PURCHASE = "unknown_purchase"
    NO_ROOM = "no_room"


@dataclass(frozen=True, slots=True, kw_only=True)
class Orphan:
    """A payment of ours that no purchase can name."""

    session: CheckoutSession
    reason: OrphanReason
    event_id: str | None
    found_at: datetime


class OrphanRepository(Protocol):
    """Payments without a purchase: no money is without a record (invariant I12).

    Every call may raise `StorageUnavailable`.
    """

    async def record(self, orphan: Orphan) -> bool:
        """Record it by its payment, once.

        Returns:
            Whether it was new.
        """
        ...

    async def anonymise(self, purchase_id: PurchaseId) -> None:
        """Forget who paid the orphans that name this purchase; the money stays."""
        ...
