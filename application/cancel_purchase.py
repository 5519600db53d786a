"""A buyer no longer wants what they have not paid for."""

from dataclasses import dataclass

from application.causes import BY_BUYER
from application.close_purchase import ClosePurchase
from application.own_purchase import own_purchase
from application.ports.purchases import PurchaseRepository
from domain.ids import BuyerId, PurchaseId
from domain.purchase import CannotCancel, ClosedReason, Purchase


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelPurchase:
    """Cancel once; a second call answers like the first."""

    close: ClosePurchase
    purchases: PurchaseRepository

    async def __call__(
        self, buyer_id: BuyerId | None, purchase_id: PurchaseId, *, by: str = BY_BUYER
    ) -> Purchase:
        """Return the purchase, closed; or closing, while the provider has yet to agree.

        Args:
            buyer_id: whose it must be; None: an admin asks, of any purchase.
            purchase_id: which one.
            by: who asks, for its log.

        Raises:
            CannotCancel: it is completed, perhaps paid just now.
            LivemodeMismatch: its session is of the other mode; it stays closing.
            PurchaseNotFound: no such purchase of this buyer.
            StorageUnavailable: ask again; every step may be repeated.
        """
        purchase = await own_purchase(self.purchases, buyer_id, purchase_id)
        reason = ClosedReason.CANCELLED
        ended = await self.close(purchase, reason=reason, by=by)
        if ended.is_owned:
            raise CannotCancel
        return ended
