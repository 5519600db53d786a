"""Another buyer's purchase looks like none."""

from collections.abc import Sequence
from typing import Final

from application.ports.purchases import PurchaseNotFound, PurchaseRepository
from domain.ids import BuyerId, PurchaseId
from domain.purchase import Purchase, Status

AT_ONCE: Final = 100
PAGES_MAX: Final = 1_000  # nobody clicks a hundred thousand times


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


async def all_purchases(
    purchases: PurchaseRepository, buyer_id: BuyerId
) -> Sequence[Purchase]:
    """Return all that a buyer has ever begun, newest first.

    Raises:
        StorageUnavailable: ask again.
    """
    found: dict[PurchaseId, Purchase] = {}
    for page in range(1, PAGES_MAX + 1):
        rows = await purchases.page_of(
            buyer_id, statuses=list(Status), page=page, size=AT_ONCE
        )
        found.update((purchase.id, purchase) for purchase in rows.items)
        if len(rows.items) < AT_ONCE:
            break
    return list(found.values())
