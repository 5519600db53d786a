"""Take one step of a purchase, or learn what came before it."""

from dataclasses import dataclass

from application.abandoned_lately import AbandonedLately
from application.ports.clock import Clock
from application.ports.purchases import PurchaseRepository
from domain.cool_down import is_abandoned
from domain.purchase import Purchase
from domain.transitions import Transition


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeStep:
    """Compare and set; whoever comes second goes on from what the first one did."""

    clock: Clock
    lately: AbandonedLately
    purchases: PurchaseRepository

    async def __call__(
        self, purchase: Purchase, transition: Transition, *, by: str
    ) -> Purchase:
        """Return the purchase as it is now, moved by us or by others.

        Raises:
            StorageUnavailable: ask again; the step may have been taken.
        """
        at = self.clock.now()
        if not await self.purchases.change(purchase.id, transition, at=at, by=by):
            return await self.purchases.get(purchase.id)
        after = purchase.after(transition, at=at)
        if is_abandoned(after):
            self.lately.note(after)
        return after
