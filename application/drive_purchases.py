"""Find the purchases that stand still, and carry them on."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain, zip_longest
from typing import Final

from application.claim_and_drive import ClaimAndDrive, Errand
from application.drive_purchase import UNSETTLED, DrivePurchase
from application.ports.alerts import Alert
from application.ports.clock import Clock
from application.ports.purchases import PurchaseRepository, StuckPurchase
from domain.purchase import Status

BATCH: Final = 50  # of each kind


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
# Its money is driven anyway; this is for one that has none to wait for.
GIVING_BACK: Final = _Kind(
    statuses=frozenset({Status.REFUNDING}),
    age=timedelta(minutes=10),
    pause=timedelta(minutes=5),
)
KINDS: Final = (ABANDONED, UNPAID, GIVING_BACK)


@dataclass(frozen=True, slots=True, kw_only=True)
class DrivePurchases:
    """One round of reconcile, on every instance, without any lock.

    Our clock only says what to look at.
    """

    claim_and_drive: ClaimAndDrive
    clock: Clock
    drive: DrivePurchase
    purchases: PurchaseRepository

    async def __call__(self) -> int:
        """Drive what stands still, for a while, and return how many were claimed.

        Raises:
            StorageUnavailable: the next round goes on.
        """
        found = [await self._find(kind) for kind in KINDS]
        return await self.claim_and_drive(_in_turn(*found), self._errand)

    async def _find(self, kind: _Kind) -> Sequence[StuckPurchase]:
        at = self.clock.now()
        return await self.purchases.stuck(
            kind.statuses, before=at - kind.age, at=at, limit=BATCH
        )

    def _errand(self, stuck: StuckPurchase) -> Errand:
        kind = next(kind for kind in KINDS if stuck.status in kind.statuses)
        return Errand(run=self.drive, pause=kind.pause, alert=_poison_alert)


def _in_turn(*kinds: Sequence[StuckPurchase]) -> Iterator[StuckPurchase]:
    """Let no kind use up the time of another."""
    for stuck in chain.from_iterable(zip_longest(*kinds)):
        if stuck is not None:
            yield stuck


def _poison_alert(stuck: StuckPurchase, error: Exception) -> Alert:
    return Alert(
        code="purchase_stuck",
        message=f"A purchase could not be carried on: {type(error).__name__}.",
        next_step="Look at its state and its session; it is tried again, ever less.",
        facts={"purchase_id": stuck.id, "status": stuck.status.value},
    )
