"""A buyer tries to pay again for what they once began to buy."""

from dataclasses import dataclass

from application.own_purchase import own_purchase
from application.ports.purchases import PurchaseRepository
from application.start_checkout import (
    CheckoutAnswer,
    StartCheckout,
    StartCheckoutCommand,
)
from domain.ids import PurchaseId
from domain.purchase import Buyer


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryCheckout:
    """Check out the program and the choice of an earlier purchase."""

    purchases: PurchaseRepository
    start_checkout: StartCheckout

    async def __call__(self, buyer: Buyer, purchase_id: PurchaseId) -> CheckoutAnswer:
        """Return the purchase to pay: the same one, or a new one where it has ended.

        Raises:
            PurchaseNotFound: no such purchase of this buyer.
            OtherChoiceOpen: a checkout with the other choice is open, and stays so.

        And whatever `StartCheckout` raises.
        """
        purchase = await own_purchase(self.purchases, buyer.id, purchase_id)
        return await self.start_checkout(
            StartCheckoutCommand(
                buyer=buyer,
                program_id=purchase.program.id,
                as_class_rep=purchase.is_class_rep,
                may_replace=False,
            )
        )
