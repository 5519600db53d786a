"""Show what is held."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.ports.clock import Clock
from application.ports.event_log import EventLog, HeldEvent
from application.ports.pages import Page

SHOWN_MAX: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AgedEvent:
    held: HeldEvent
    age: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewQuarantine:
    """List the events that could not be applied, the oldest first, with their age."""

    clock: Clock
    event_log: EventLog

    async def __call__(self) -> Sequence[AgedEvent]:
        """Return a thousand of them at most.

        Raises:
            StorageUnavailable: nothing is known.
        """
        now = self.clock.now()
        return [
            AgedEvent(held=held, age=now - held.first_seen)
            for held in await self.event_log.held(limit=SHOWN_MAX)
        ]

    async def page(self, *, page: int, size: int) -> Page[AgedEvent]:
        """Return one page of them, counted from 1.

        Raises:
            StorageUnavailable: nothing is known.
        """
        found, now = await self.event_log.page(page=page, size=size), self.clock.now()
        return Page(
            items=tuple(
                AgedEvent(held=held, age=now - held.first_seen) for held in found.items
            ),
            total=found.total,
        )
