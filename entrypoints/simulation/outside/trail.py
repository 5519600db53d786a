from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from application.ports.trail import TrailEntry
from entrypoints.simulation.outside.gates import Gate, give_way, passing


@dataclass(kw_only=True)
class InMemoryTrail:
    gate: Gate = give_way
    waiting: list[TrailEntry] = field(default_factory=list)
    written: list[TrailEntry] = field(default_factory=list)

    def note(self, entry: TrailEntry) -> None:
        self.waiting.append(entry)

    async def flush(self) -> None:
        async with passing(self.gate, "trail.flush"):
            self.written += self.waiting
            self.waiting.clear()

    async def of(
        self, subjects: Collection[str], *, limit: int
    ) -> Sequence[TrailEntry]:
        async with passing(self.gate, "trail.of"):
            found = [
                entry
                for entry in (*self.written, *self.waiting)
                if not set(subjects).isdisjoint(entry.subjects)
            ]
            return sorted(found, key=lambda entry: entry.at)[-limit:]
