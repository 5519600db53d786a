"""Drive what was found, one purchase at a time, and survive each of them."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeVar

from application.ports.alerts import Alert, Alerts
from application.ports.clock import Clock
from application.ports.payments import PaymentGatewayUnavailable
from application.ports.purchases import PurchaseRepository, StuckPurchase
from application.ports.randomness import Randomness
from application.ports.storage import StorageUnavailable
from domain.purchase import Purchase

# Another instance looks every 15 s or so, and takes over within a minute.  Most drives
# are shorter, but one of many rows is not while the provider is slow (8 s for each).
# Then two instances drive it, which costs calls and harms nothing: what they send has
# the same keys, and each row changes only from the state in which it was read.
LEASE: Final = timedelta(seconds=40)
ROUND_MAX: Final = timedelta(seconds=45)  # the provider may take 8 s for each
PAUSE_MAX: Final = timedelta(hours=1)
DOUBLINGS_MAX: Final = 10

Stuck = TypeVar("Stuck", bound=StuckPurchase)


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What is done for a purchase, how soon again, and what a human hears of it."""

    run: Callable[[Purchase], Awaitable[object]]
    pause: timedelta
    alert: Callable[[StuckPurchase, Exception], Alert]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimAndDrive:
    """One round over purchases, on every instance, without any lock.

    Each is claimed in the database before anything is done, so that instances share
    the work.  A claim that two of them hold all the same costs a call and harms
    nothing.  It is short until the errand is over, and as long as the pause from then
    on: what an instance leaves behind when it dies, another takes over.
    """

    alerts: Alerts
    clock: Clock
    purchases: PurchaseRepository
    randomness: Randomness

    async def __call__(
        self, found: Iterable[Stuck], errand_for: Callable[[Stuck], Errand]
    ) -> int:
        """Run each one's errand, for a while, and return how many were claimed.

        Raises:
            StorageUnavailable: the next round goes on.
        """
        until = self.clock.now() + ROUND_MAX
        driven = 0
        for stuck in found:
            if self.clock.now() >= until:
                break
            driven += await self._drive(stuck, errand_for(stuck))
        return driven

    async def _drive(self, stuck: StuckPurchase, errand: Errand) -> bool:
        at = self.clock.now()
        jitter = self.randomness.jitter()
        rested = at + pause_after(errand.pause, stuck.failures, jitter=jitter)
        lease = min(rested, at + LEASE)
        if not await self.purchases.claim_drive(stuck, at=at, until=lease):
            return False
        try:
            await errand.run(await self.purchases.get(stuck.id))
        except (PaymentGatewayUnavailable, StorageUnavailable):
            pass  # nobody's fault; it is driven again when the claim is over
        except Exception as error:  # noqa: BLE001  # one poison row stops no other
            await self._poisoned(stuck, errand.alert(stuck, error))
        if lease < rested:
            # Ours ends at `lease`, so at that moment it can be had again, unless
            # another has it or the purchase has moved on.
            await self.purchases.claim_drive(stuck, at=lease, until=rested)
        return True

    async def _poisoned(self, stuck: StuckPurchase, alert: Alert) -> None:
        """Tell a human the first time, and count it, so that the pause grows."""
        if stuck.failures == 0:
            await self.alerts.send(alert)
        await self.purchases.note_drive_failure(stuck.id)


def pause_after(pause: timedelta, failures: int, *, jitter: float) -> timedelta:
    """Wait longer after each failure, and not all at the same time."""
    longest = pause * (1 << min(failures, DOUBLINGS_MAX))
    return min(longest, PAUSE_MAX) * (0.5 + jitter / 2)
