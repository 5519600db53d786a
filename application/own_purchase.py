"""Another buyer's purchase looks like none."""

from application.ports.purchases import PurchaseNotFound, PurchaseRepository
from domain.ids import BuyerId, PurchaseId
from domain.purchase import Purchase


async def own_purchase(
    purchases: PurchaseRepository, buyer_id: BuyerId, purchase_id: PurchaseId
) -> Purchase:
    """Return one of the buyer's purchases (invariant I18).

    Raises:
        PurchaseNotFound: no such purchase of this buyer.
        StorageUnavailable: ask again.
    """
    purchase = await purchases.get(purchase_id)
    if purchase.buyer.id != buyer_id:
        raise PurchaseNotFound
    return purchase
