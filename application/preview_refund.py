"""What would a refund of this purchase do?"""

from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.purchases import PurchaseRepository
from domain.ids import PurchaseId
from domain.refund_effect import RefundEffect, effect_of_refund


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewRefund:
    """Says what an admin's refund would do; nothing is changed or asked outside."""

    clock: Clock
    purchases: PurchaseRepository

    async def __call__(
        self, purchase_id: PurchaseId, *, amount: int | None = None
    ) -> RefundEffect:
        """Say what giving back `amount`, or all that is left, comes to.

        Raises:
            PurchaseNotFound: no such purchase.
            StorageUnavailable: nothing is known.
        """
        purchase = await self.purchases.get(purchase_id)
        return effect_of_refund(purchase, amount=amount, at=self.clock.now())
