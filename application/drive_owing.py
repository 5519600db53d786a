"""Find the purchases that owe money, and bring it on its way."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.causes import BY_RECONCILE
from application.drive_money import UNDER_WAY, DriveMoney
from application.ports.alerts import Alert, Alerts
from application.ports.clock import Clock
from application.ports.purchases import PurchaseRepository, StuckPurchase
from application.ports.randomness import Randomness
from application.ports.storage import StorageUnavailable
from domain.purchase import Purchase
from domain.refunds import ExtraPaymentState, RefundState

BATCH: Final = 100
ROUND_MAX: Final = timedelta(seconds=45)  # the provider may take 8 s for each row
DUE: Final = frozenset({RefundState.DUE, ExtraPaymentState.DUE})
SEND_PAUSE: Final = timedelta(minutes=1)
LOOK_PAUSE: Final = timedelta(minutes=5)  # banks take days; nothing is lost meanwhile


@dataclass(frozen=True, slots=True, kw_only=True)
class DriveOwing:
    """One round over open refunds and extra payments, on every instance, lock or not.

    Each purchase is claimed in the database first, so that instances share the work;
    two that hold a claim all the same send one refund by one key.
    """

    alerts: Alerts
    clock: Clock
    drive_money: DriveMoney
    purchases: PurchaseRepository
    randomness: Randomness

    async def __call__(self) -> int:
        """Drive what is owed, for a while, and return how many were claimed.

        Raises:
            StorageUnavailable: the next round goes on.
        """
        until = self.clock.now() + ROUND_MAX
        driven = 0
        for purchase in await self.purchases.owing(limit=BATCH):
            if self.clock.now() >= until:
                break
            driven += await self._claim_and_drive(purchase)
        return driven

    async def _claim_and_drive(self, purchase: Purchase) -> bool:
        at = self.clock.now()
        stuck = StuckPurchase(id=purchase.id, status=purchase.status)
        until = at + self._pause(purchase)
        if not await self.purchases.claim_drive(stuck, at=at, until=until):
            return False
        try:
            await self.drive_money(purchase, by=BY_RECONCILE)
        except StorageUnavailable:
            pass  # nobody's fault; it is driven again when the claim is over
        except Exception as error:  # noqa: BLE001  # one poison row stops no other
            await self.alerts.send(_poison_alert(purchase, error))
        return True

    def _pause(self, purchase: Purchase) -> timedelta:
        states: set[RefundState | ExtraPaymentState] = set()
        states.update(row.state for row in purchase.refunds)
        states.update(row.state for row in purchase.extra_payments)
        pause = SEND_PAUSE if states & DUE or not states & UNDER_WAY else LOOK_PAUSE
        return pause * (0.5 + self.randomness.jitter() / 2)


def _poison_alert(purchase: Purchase, error: Exception) -> Alert:
    return Alert(
        code="money_stuck",
        message=f"Money that is owed could not be driven: {type(error).__name__}.",
        next_step="Look at the purchase's refunds and extra payments in Stripe.",
        facts={"purchase_id": purchase.id, "status": purchase.status.value},
    )
