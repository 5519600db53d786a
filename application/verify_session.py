"""The buyer comes back from the payment page."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.causes import BY_SUCCESS_PAGE
from application.look_up_session import LookUpSession
from application.ports.clock import Clock
from application.ports.payments import PaymentGatewayUnavailable
from application.ports.purchases import PurchaseNotFound, PurchaseRepository
from domain.ids import BuyerId, SessionId
from domain.purchase import AWAITING_PAYMENT, Purchase

LOOK_PAUSE: Final = timedelta(seconds=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifySession:
    """Be right on the success page even when the webhook is late or never comes."""

    clock: Clock
    look_up: LookUpSession
    purchases: PurchaseRepository

    async def __call__(self, buyer_id: BuyerId, session_id: SessionId) -> Purchase:
        """Return the buyer's purchase, after a look at the provider if it is not paid.

        The provider is asked once in `LOOK_PAUSE` for each purchase, by whichever
        instance comes first.  If it does not answer, the purchase comes as we know it.

        Raises:
            LivemodeMismatch: nothing was concluded.
            PurchaseNotFound: no such purchase of this buyer.
            StorageUnavailable: ask again.
        """
        purchase = await self.purchases.find_by_session(session_id)
        if purchase is None or purchase.buyer.id != buyer_id:
            raise PurchaseNotFound
        if purchase.status not in AWAITING_PAYMENT:
            return purchase
        at = self.clock.now()
        if not await self.purchases.claim_look(
            purchase.id, at=at, not_since=at - LOOK_PAUSE
        ):
            return purchase
        try:
            return await self.look_up(purchase, by=BY_SUCCESS_PAGE)
        except PaymentGatewayUnavailable:
            return purchase
