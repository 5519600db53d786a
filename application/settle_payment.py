"""The provider says that a session was paid."""

from dataclasses import dataclass
from typing import Final

from application.complete_purchase import CompletePurchase
from application.expire_purchase import ExpirePurchase
from application.ports.alerts import Alert, Alerts
from application.ports.clock import Clock
from application.ports.orphans import OrphanRepository
from application.ports.purchases import Noted, PurchaseRepository
from application.ports.storage import StorageUnavailable
from domain.checkout import CheckoutSession
from domain.orphans import Orphan, OrphanReason
from domain.purchase import ClosedReason, Purchase
from domain.settlement import Completes, IsExtra, Waits, settle

READS_MAX: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlePayment:
    """Turn a payment into a completed purchase, or into money that must go back.

    The same payment may be told any number of times, by webhook, by the
    success page and by reconcile, at the same time (protocol 3.2, PAID).
    """

    alerts: Alerts
    clock: Clock
    complete: CompletePurchase
    expire: ExpirePurchase
    livemode: bool
    orphans: OrphanRepository
    purchases: PurchaseRepository

    async def __call__(
        self,
        purchase: Purchase,
        session: CheckoutSession,
        *,
        by: str,
        event_id: str | None = None,
    ) -> Purchase:
        """Record what the session means and return the purchase as it is now.

        Raises:
            LivemodeMismatch: nothing was concluded.
            StorageUnavailable: ask again; every step may be repeated.
        """
        for _ in range(READS_MAX):
            verdict = settle(purchase, session, livemode=self.livemode)
            if isinstance(verdict, Completes):
                step = await self.complete(
                    purchase.id, session, by=by, event_id=event_id
                )
                if step is not None:
                    return purchase.after(step, at=step.at)
                purchase = await self.purchases.get(purchase.id)
            elif isinstance(verdict, IsExtra):
                return await self._give_back(
                    purchase, verdict, session, by=by, event_id=event_id
                )
            elif isinstance(verdict, Waits) and verdict.is_processing:
                at = self.clock.now()
                await self.purchases.note_processing(purchase.id, at=at)
                return await self.purchases.get(purchase.id)
            else:
                return purchase
        raise StorageUnavailable

    async def _give_back(
        self,
        purchase: Purchase,
        verdict: IsExtra,
        session: CheckoutSession,
        *,
        by: str,
        event_id: str | None,
    ) -> Purchase:
        """Record money that must go back before anything else is done about it."""
        noted = await self.purchases.note_extra_payment(
            purchase.id, verdict.payment, at=self.clock.now()
        )
        if noted is Noted.NO_ROOM:
            orphan = Orphan.found(
                session,
                reason=OrphanReason.NO_ROOM,
                event_id=event_id,
                at=self.clock.now(),
            )
            noted = Noted.NEW if await self.orphans.record(orphan) else Noted.BEFORE
        if noted is Noted.NEW:
            await self.alerts.send(_extra_payment_alert(purchase, verdict))
        if not verdict.closes:
            return purchase
        return await self.expire(purchase, reason=ClosedReason.FAILED, by=by)


def _extra_payment_alert(purchase: Purchase, verdict: IsExtra) -> Alert:
    payment = verdict.payment
    return Alert(
        code="extra_payment",
        message="A payment came that does not complete its purchase.",
        next_step="It is recorded to be refunded; see that the refund arrives.",
        facts={
            "purchase_id": purchase.id,
            "session_id": payment.session_id,
            "reason": payment.reason.value,
            "amount": payment.amount,
            "currency": payment.currency,
        },
    )
