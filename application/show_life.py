"""Say four times a minute that this instance is alive, and how it locks."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from application.ports.clock import Clock
from application.ports.instances import Instance, Instances

BEAT_EVERY: Final = timedelta(seconds=15)
SILENT_AFTER: Final = timedelta(minutes=1)  # three beats missed, or ended


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowLife:
    """`spothold doctor` counts the living; one that crashed is counted a little longer.

    Args:
        clock: ours; instances whose clocks differ by a minute look dead to each other.
        instances: where it is written down.
        lock: the setting LOCK_BACKEND.
        since: when this instance began.
        worker: the name of this instance.
    """

    clock: Clock
    instances: Instances
    lock: str
    since: datetime
    worker: str

    async def __call__(self) -> None:
        """Record one beat.

        Raises:
            StorageUnavailable: the next turn beats again.
        """
        at = self.clock.now()
        await self.instances.beat(
            Instance(name=self.worker, lock=self.lock, seen_at=at, since=self.since)
        )

    async def end(self) -> None:
        """Be counted no longer, for this instance stops.

        Raises:
            StorageUnavailable: it is counted until it is silent for long enough.
        """
        await self.instances.forget(self.worker, seen_by=self.clock.now())
