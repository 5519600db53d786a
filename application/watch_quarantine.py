"""See how many events are held, and for how long."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.ports.clock import Clock
from application.ports.event_log import EventLog
from application.ports.metrics import Metrics, Standing

COUNTED_MAX: Final = 1000  # beyond it the figure says "at least"


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchQuarantine:
    """Show figures and decide nothing: each event that is held has its own alert."""

    clock: Clock
    event_log: EventLog
    metrics: Metrics

    async def __call__(self) -> None:
        """Count what is held, given up or not.

        Raises:
            StorageUnavailable: the next look says it.
        """
        held = await self.event_log.held(limit=COUNTED_MAX)
        at = self.clock.now()
        oldest = at - held[0].first_seen if held else timedelta()
        self.metrics.show_events(Standing(count=len(held), oldest=oldest))
