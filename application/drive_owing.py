"""Find the purchases that owe money, and bring it on its way."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.causes import BY_RECONCILE
from application.claim_and_drive import ClaimAndDrive, Errand
from application.drive_money import DriveMoney
from application.ports.alerts import Alert
from application.ports.clock import Clock
from application.ports.purchases import (
    OwingPurchase,
    PurchaseRepository,
    StuckPurchase,
)
from domain.purchase import Purchase

BATCH: Final = 100
SEND_PAUSE: Final = timedelta(minutes=1)
LOOK_PAUSE: Final = timedelta(minutes=5)  # banks take days; nothing is lost meanwhile


@dataclass(frozen=True, slots=True, kw_only=True)
class DriveOwing:
    """One round over open refunds and extra payments, on every instance, lock or not.

    Two that hold a claim all the same send one refund by one key.
    """

    claim_and_drive: ClaimAndDrive
    clock: Clock
    drive_money: DriveMoney
    purchases: PurchaseRepository

    async def __call__(self) -> int:
        """Drive what is owed, for a while, and return how many were claimed.

        Raises:
            StorageUnavailable: the next round goes on.
        """
        found = await self.purchases.owing(at=self.clock.now(), limit=BATCH)
        return await self.claim_and_drive(found, self._errand)

    def _errand(self, owing: OwingPurchase) -> Errand:
        pause = LOOK_PAUSE if owing.only_waits else SEND_PAUSE
        return Errand(run=self._drive, pause=pause, alert=_poison_alert)

    async def _drive(self, purchase: Purchase) -> None:
        await self.drive_money(purchase, by=BY_RECONCILE)


def _poison_alert(stuck: StuckPurchase, error: Exception) -> Alert:
    return Alert(
        code="money_stuck",
        message=f"Money that is owed could not be driven: {type(error).__name__}.",
        next_step="Look at the purchase's refunds and extra payments in Stripe; it is "
        "tried again, ever less.",
        facts={"purchase_id": stuck.id, "status": stuck.status.value},
    )
