"""Another buyer's purchase looks like none."""

from application.ports.purchases import PurchaseNotFound, PurchaseRepository
from domain.ids import BuyerId, PurchaseId
from domain.purchase import Purchase


async def own_purchase(
    purchases: PurchaseRepository, buyer_id: BuyerId | None, purchase_id: PurchaseId
) -> Purchase:
    """Return one of the buyer's purchases (invariant I18); to an admin, None, any.

    Raises:
        PurchaseNotFound: no such purchase of this buyer.
        StorageUnavailable: ask again.
    """
    purchase = await purchases.get(purchase_id)
    if buyer_id not in {None, purchase.buyer.id}:
        raise PurchaseNotFound
    return purchase
