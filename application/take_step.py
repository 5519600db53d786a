"""Take one step of a purchase, or learn what came before it."""

from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.purchases import PurchaseRepository
from domain.purchase import Purchase
from domain.transitions import Transition


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeStep:
    """Compare and set; whoever comes second goes on from what the first one did."""

    clock: Clock
    purchases: PurchaseRepository

    async def __call__(
        self, purchase: Purchase, transition: Transition, *, by: str
    ) -> Purchase:
        """Return the purchase as it is now, moved by us or by others.

        Raises:
            StorageUnavailable: ask again; the step may have been taken.
        """
        at = self.clock.now()
        if await self.purchases.change(purchase.id, transition, at=at, by=by):
            return purchase.after(transition, at=at)
        return await self.purchases.get(purchase.id)
