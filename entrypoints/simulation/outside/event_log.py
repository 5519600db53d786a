from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from application.ports.event_log import EventFacts, EventState, HeldEvent
from application.ports.pages import Page
from entrypoints.simulation.outside.gates import Gate, give_way, passing
from entrypoints.simulation.outside.pages import page_of

HELD: Final = frozenset({EventState.QUARANTINED, EventState.GIVEN_UP})


@dataclass(kw_only=True)
class InMemoryEventLog:
    gate: Gate = give_way
    rows: dict[str, HeldEvent] = field(default_factory=dict)
    noted: dict[str, str] = field(default_factory=dict)

    async def quarantine(
        self, event: EventFacts, *, why: str, at: datetime, until: datetime
    ) -> bool:
        async with passing(self.gate, "event_log.quarantine"):
            held = self._held(event.id)
            if held is not None:
                self.rows[event.id] = replace(held, why=why)
                return False
            self.noted.pop(event.id, None)
            self.rows[event.id] = HeldEvent(
                event=event,
                why=why,
                state=EventState.QUARANTINED,
                first_seen=at,
                last_tried=at,
                until=until,
            )
            return True

    async def due(self, *, at: datetime, limit: int) -> Sequence[HeldEvent]:
        async with passing(self.gate, "event_log.due"):
            due = [
                row
                for row in self.rows.values()
                if row.state is EventState.QUARANTINED and row.until <= at
            ]
            return sorted(due, key=lambda row: row.until)[:limit]

    async def claim(self, held: HeldEvent, *, at: datetime, until: datetime) -> bool:
        async with passing(self.gate, "event_log.claim"):
            row = self._at(held, tries=held.tries)
            if row is None:
                return False
            tried = replace(row, last_tried=at, until=until, tries=row.tries + 1)
            self.rows[held.event.id] = tried
            return True

    async def put_off(
        self, held: HeldEvent, *, until: datetime, why: str | None = None
    ) -> bool:
        async with passing(self.gate, "event_log.put_off"):
            row = self._at(held, tries=held.tries + 1)
            if row is None:
                return False
            rested = replace(row, until=until, why=row.why if why is None else why)
            self.rows[held.event.id] = rested
            return True

    async def resolve(self, event_id: str, *, outcome: str, at: datetime) -> bool:
        del at
        async with passing(self.gate, "event_log.resolve"):
            held = self._held(event_id)
            if held is None:
                return False
            self.rows[event_id] = replace(held, state=EventState.RESOLVED)
            self.noted[event_id] = outcome
            return True

    async def give_up(self, event_id: str, *, at: datetime) -> bool:
        async with passing(self.gate, "event_log.give_up"):
            held = self._held(event_id)
            if held is None or held.state is EventState.GIVEN_UP:
                return False
            given_up = replace(held, state=EventState.GIVEN_UP, last_tried=at)
            self.rows[event_id] = given_up
            return True

    async def note(self, event: EventFacts, *, outcome: str, at: datetime) -> None:
        del at
        async with passing(self.gate, "event_log.note"):
            if event.id not in self.rows:
                self.noted.setdefault(event.id, outcome)

    async def get(self, event_id: str) -> HeldEvent | None:
        async with passing(self.gate, "event_log.get"):
            return self._held(event_id)

    async def held(self, *, limit: int) -> Sequence[HeldEvent]:
        async with passing(self.gate, "event_log.held"):
            return self._all_held()[:limit]

    async def page(self, *, page: int, size: int) -> Page[HeldEvent]:
        async with passing(self.gate, "event_log.page"):
            return page_of(self._all_held(), page=page, size=size)

    def _all_held(self) -> list[HeldEvent]:
        held = [row for row in self.rows.values() if row.state in HELD]
        return sorted(held, key=lambda row: (row.first_seen, row.event.id))

    def _at(self, held: HeldEvent, *, tries: int) -> HeldEvent | None:
        """Return it if it is tried by itself, and has been just as often."""
        row = self.rows.get(held.event.id)
        as_said = (EventState.QUARANTINED, tries, held.first_seen)
        if row is None or (row.state, row.tries, row.first_seen) != as_said:
            return None
        return row

    def _held(self, event_id: str) -> HeldEvent | None:
        row = self.rows.get(event_id)
        return row if row is not None and row.state in HELD else None
