"""Take the provider's word on a session and do what follows from it."""

from dataclasses import dataclass

from application.expire_purchase import ExpirePurchase
from application.ports.payments import IntentState, PaymentGateway
from application.settle_payment import SettlePayment
from domain.checkout import CheckoutSession, SessionStatus
from domain.purchase import ClosedReason, Purchase


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcludeSession:
    """Paid settles, expired closes, open changes nothing, a delayed payment waits."""

    expire: ExpirePurchase
    payments: PaymentGateway
    settle: SettlePayment

    async def __call__(
        self, purchase: Purchase, session: CheckoutSession, *, by: str
    ) -> Purchase:
        """Act on the session and return the purchase as it is now.

        Raises:
            LivemodeMismatch: nothing was concluded.
            PaymentGatewayUnavailable: a delayed payment's state is not known yet.
            StorageUnavailable: ask again; every step may be repeated.
        """
        if session.is_paid or not purchase.may_own(session.id):
            return await self.settle(purchase, session, by=by)
        if session.status is SessionStatus.EXPIRED:
            return await self.expire(purchase, reason=ClosedReason.EXPIRED, by=by)
        if session.status is SessionStatus.COMPLETE and await self._is_over(session):
            return await self.expire(purchase, reason=ClosedReason.FAILED, by=by)
        return await self.settle(purchase, session, by=by)

    async def _is_over(self, session: CheckoutSession) -> bool:
        """Say whether a delayed payment has failed for good."""
        if session.payment_intent is None:
            return False
        state = await self.payments.intent_state(session.payment_intent)
        return state is IntentState.OVER
