"""A buyer asks to be forgotten."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from application.cancel_purchase import CancelPurchase
from application.own_purchase import all_purchases
from application.ports.orphans import OrphanRepository
from application.ports.purchases import PurchaseRepository
from domain.anonymity import Standing, standing_of
from domain.ids import BuyerId
from domain.purchase import CannotCancel, Purchase

BY_OPERATOR: Final = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnonymiseBuyer:
    """Take the person out of each purchase that nobody is owed anything for.

    What still waits, for the provider, for a mail or for money under way, is told and
    left as it is: ask again later.  Twice is like once.
    """

    cancel_purchase: CancelPurchase
    orphans: OrphanRepository
    purchases: PurchaseRepository

    async def plan(self, buyer_id: BuyerId) -> Sequence[Purchase]:
        """Return every purchase of the buyer, newest first; nothing is changed.

        Raises:
            StorageUnavailable: ask again.
        """
        return await all_purchases(self.purchases, buyer_id)

    async def __call__(self, buyer_id: BuyerId) -> Sequence[Purchase]:
        """Do it and return every purchase as it is then.

        Raises:
            LivemodeMismatch: an unpaid one has a session of the other mode.
            StorageUnavailable: ask again; every step may be repeated.
        """
        found = await all_purchases(self.purchases, buyer_id)
        return [await self._anonymise(purchase) for purchase in found]

    async def _anonymise(self, purchase: Purchase) -> Purchase:
        if standing_of(purchase) is Standing.UNPAID:
            purchase = await self._cancelled(purchase)
        if standing_of(purchase) is Standing.READY:
            await self.purchases.anonymise(purchase)
            purchase = await self.purchases.get(purchase.id)
        if standing_of(purchase) is Standing.ANONYMISED:
            await self.orphans.anonymise(purchase.id)
        return purchase

    async def _cancelled(self, purchase: Purchase) -> Purchase:
        """Nobody pays for what belongs to nobody; who was faster has bought it."""
        try:
            return await self.cancel_purchase(
                purchase.buyer.id, purchase.id, by=BY_OPERATOR
            )
        except CannotCancel:
            return await self.purchases.get(purchase.id)
