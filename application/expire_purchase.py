"""The provider says that a session can no longer be paid."""

from dataclasses import dataclass

from application.release_spot import ReleaseSpot
from application.take_step import TakeStep
from domain.purchase import ClosedReason, Purchase
from domain.transitions import close_on_word


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpirePurchase:
    """Close on the provider's word and only then give the spot back.

    Our own clock never decides this (invariant I19).
    """

    release_spot: ReleaseSpot
    take_step: TakeStep

    async def __call__(
        self, purchase: Purchase, *, reason: ClosedReason, by: str
    ) -> Purchase:
        """Close the purchase and return it as it is now, perhaps paid after all.

        Raises:
            StorageUnavailable: ask again; both steps may be repeated.
        """
        close = close_on_word(purchase.closing_reason or reason)
        latest = await self.take_step(purchase, close, by=by)
        await self.release_spot(latest)
        return latest
