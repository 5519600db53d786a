"""Find the money that no purchase names, and give it back."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.claim_and_drive import LEASE, ROUND_MAX, pause_after
from application.drive_orphan import DriveOrphan
from application.ports.alerts import Alert, Alerts
from application.ports.clock import Clock
from application.ports.orphans import OrphanRepository, OwingOrphan
from application.ports.payments import PaymentGatewayUnavailable
from application.ports.randomness import Randomness
from application.ports.storage import StorageUnavailable

BATCH: Final = 100
PAUSE: Final = timedelta(minutes=5)  # banks take days; nothing is lost meanwhile


@dataclass(frozen=True, slots=True, kw_only=True)
class DriveOrphans:
    """One round over orphans that are owed, on every instance, without any lock.

    Each is claimed in the database first, so that instances share the work; two that
    hold a claim all the same send one refund by one key.
    """

    alerts: Alerts
    clock: Clock
    drive: DriveOrphan
    orphans: OrphanRepository
    randomness: Randomness

    async def __call__(self) -> int:
        """Drive what is owed, for a while, and return how many were claimed.

        Raises:
            StorageUnavailable: the next round goes on.
        """
        at = self.clock.now()
        driven = 0
        for owing in await self.orphans.owing(at=at, limit=BATCH):
            if self.clock.now() >= at + ROUND_MAX:
                break
            driven += await self._claim_and_drive(owing)
        return driven

    async def _claim_and_drive(self, owing: OwingOrphan) -> bool:
        at = self.clock.now()
        pause = pause_after(PAUSE, owing.failures, jitter=self.randomness.jitter())
        rested, lease = at + pause, at + LEASE
        if not await self.orphans.claim_drive(owing.id, at=at, until=lease):
            return False
        try:
            await self.drive(await self.orphans.get(owing.id))
        except (PaymentGatewayUnavailable, StorageUnavailable):
            pass  # nobody's fault; it is driven again when the claim is over
        except Exception as error:  # noqa: BLE001  # one poison row stops no other
            await self._poisoned(owing, error)
        # As in `ClaimAndDrive`: short while it is worked on, long while it rests.
        await self.orphans.claim_drive(owing.id, at=lease, until=rested)
        return True

    async def _poisoned(self, owing: OwingOrphan, error: Exception) -> None:
        """Tell a human the first time, and count it, so that the pause grows."""
        if owing.failures == 0:
            await self.alerts.send(_poison_alert(owing, error))
        await self.orphans.note_drive_failure(owing.id)


def _poison_alert(owing: OwingOrphan, error: Exception) -> Alert:
    return Alert(
        code="orphan_stuck",
        message=f"Money of nobody's could not be driven: {type(error).__name__}.",
        next_step="Look at the payment in Stripe; it is tried again, ever less.",
        facts={"payment": owing.id},
    )
