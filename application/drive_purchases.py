"""Find the purchases that stand still, and carry them on."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.drive_purchase import UNSETTLED, DrivePurchase
from application.ports.alerts import Alert, Alerts
from application.ports.clock import Clock
from application.ports.payments import PaymentGatewayUnavailable
from application.ports.purchases import PurchaseRepository, StuckPurchase
from application.ports.randomness import Randomness
from application.ports.storage import StorageUnavailable
from domain.purchase import Status

BATCH: Final = 50  # of each of the two kinds, so that neither starves the other
ROUND_MAX: Final = timedelta(seconds=45)  # the provider may take 8 s for each
PAUSE_MAX: Final = timedelta(hours=1)
DOUBLINGS_MAX: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """Purchases that are driven when they are `age` old, and again after `pause`."""

    statuses: AbstractSet[Status]
    age: timedelta
    pause: timedelta


# Their request is over, one way or another: it may take 8 s.
ABANDONED: Final = _Kind(
    statuses=UNSETTLED, age=timedelta(minutes=2), pause=timedelta(minutes=1)
)
# The buyer pays, or no longer wants to; only the provider knows.
UNPAID: Final = _Kind(
    statuses=frozenset({Status.PENDING}),
    age=timedelta(minutes=5),
    pause=timedelta(minutes=5),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DrivePurchases:
    """One round of reconcile, on every instance, without any lock.

    Each purchase is claimed in the database before it is driven, so that instances
    share the work.  A claim that two of them hold all the same costs a call and harms
    nothing.  Our clock only says what to look at.
    """

    alerts: Alerts
    clock: Clock
    drive: DrivePurchase
    purchases: PurchaseRepository
    randomness: Randomness

    async def __call__(self) -> int:
        """Drive what stands still, for a while, and return how many were claimed.

        Raises:
            StorageUnavailable: the next round goes on.
        """
        until = self.clock.now() + ROUND_MAX
        driven = 0
        for kind in (ABANDONED, UNPAID):
            at = self.clock.now()
            for stuck in await self.purchases.stuck(
                kind.statuses, before=at - kind.age, at=at, limit=BATCH
            ):
                if self.clock.now() >= until:
                    return driven
                driven += await self._claim_and_drive(kind, stuck)
        return driven

    async def _claim_and_drive(self, kind: _Kind, stuck: StuckPurchase) -> bool:
        at = self.clock.now()
        until = at + self._pause(kind, stuck.failures)
        if not await self.purchases.claim_drive(stuck, at=at, until=until):
            return False
        try:
            await self.drive(await self.purchases.get(stuck.id))
        except (PaymentGatewayUnavailable, StorageUnavailable):
            pass  # nobody's fault; it is driven again when the claim is over
        except Exception as error:  # noqa: BLE001  # one poison row stops no other
            await self._poisoned(stuck, error)
        return True

    def _pause(self, kind: _Kind, failures: int) -> timedelta:
        """Wait longer after each failure, and not all at the same time."""
        longest = kind.pause * (1 << min(failures, DOUBLINGS_MAX))
        return min(longest, PAUSE_MAX) * (0.5 + self.randomness.jitter() / 2)

    async def _poisoned(self, stuck: StuckPurchase, error: Exception) -> None:
        if stuck.failures == 0:
            await self.alerts.send(_poison_alert(stuck, error))
        await self.purchases.note_drive_failure(stuck.id)


def _poison_alert(stuck: StuckPurchase, error: Exception) -> Alert:
    return Alert(
        code="purchase_stuck",
        message=f"A purchase could not be carried on: {type(error).__name__}.",
        next_step="Look at its state and its session; it is tried again, ever less.",
        facts={"purchase_id": stuck.id, "status": stuck.status.value},
    )
