"""What a buyer may see of their purchases; reads never write."""

from dataclasses import dataclass
from typing import Final

from application.errors import ApplicationError
from application.own_purchase import own_purchase
from application.ports.purchases import PurchasePage, PurchaseRepository
from domain.ids import BuyerId, PurchaseId
from domain.purchase import LIVE, OWNED, Purchase, Status

PAID_FOR: Final = OWNED | {Status.REFUNDED}
UNPAID: Final = LIVE - OWNED


class ReceiptNotAvailable(ApplicationError):
    code = "receipt_not_available"

    def __init__(self) -> None:
        super().__init__("Receipt is only available for completed purchases.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewPurchases:
    """A buyer's own purchases; another's looks like none (invariant I18).

    Every method may raise `StorageUnavailable`.
    """

    purchases: PurchaseRepository

    async def one(self, buyer_id: BuyerId, purchase_id: PurchaseId) -> Purchase:
        """Return one purchase.

        Raises:
            PurchaseNotFound: no such purchase of this buyer.
        """
        return await own_purchase(self.purchases, buyer_id, purchase_id)

    async def receipt(self, buyer_id: BuyerId, purchase_id: PurchaseId) -> Purchase:
        """Return a purchase that was completed at some time, refunded or not.

        Raises:
            PurchaseNotFound: no such purchase of this buyer.
            ReceiptNotAvailable: it was never completed.
        """
        purchase = await self.one(buyer_id, purchase_id)
        if purchase.completed_at is None:
            raise ReceiptNotAvailable
        return purchase

    async def bought(self, buyer_id: BuyerId, *, page: int, size: int) -> PurchasePage:
        """Return what was completed, refunds included, newest first."""
        return await self.purchases.page_of(
            buyer_id, statuses=PAID_FOR, page=page, size=size
        )

    async def pending(self, buyer_id: BuyerId, *, page: int, size: int) -> PurchasePage:
        """Return what was begun and has not ended, newest first."""
        return await self.purchases.page_of(
            buyer_id, statuses=UNPAID, page=page, size=size
        )
