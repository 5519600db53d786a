"""The provider says that a session can no longer be paid."""

from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.purchases import PurchaseRepository
from application.release_spot import ReleaseSpot
from domain.purchase import ClosedReason, Purchase
from domain.transitions import close_on_word


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpirePurchase:
    """Close on the provider's word and only then give the spot back.

    Our own clock never decides this (invariant I19).
    """

    clock: Clock
    purchases: PurchaseRepository
    release_spot: ReleaseSpot

    async def __call__(
        self, purchase: Purchase, *, reason: ClosedReason, by: str
    ) -> Purchase:
        """Close the purchase and return it as it is now, perhaps paid after all.

        Raises:
            StorageUnavailable: ask again; both steps may be repeated.
        """
        at = self.clock.now()
        close = close_on_word(purchase.closing_reason or reason)
        if await self.purchases.change(purchase.id, close, at=at, by=by):
            latest = purchase.after(close, at=at)
        else:
            latest = await self.purchases.get(purchase.id)
        await self.release_spot(latest)
        return latest
