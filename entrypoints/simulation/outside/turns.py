from dataclasses import dataclass, field
from datetime import datetime

from entrypoints.simulation.outside.gates import Gate, give_way, passing


@dataclass(kw_only=True)
class InMemoryTurns:
    gate: Gate = give_way
    until: dict[str, datetime] = field(default_factory=dict)
    holders: dict[str, str] = field(default_factory=dict)
    marks: dict[str, datetime] = field(default_factory=dict)

    async def take(self, job: str, *, by: str, at: datetime, until: datetime) -> bool:
        async with passing(self.gate, "turns.take"):
            taken = self.until.get(job)
            if taken is not None and taken > at:
                return False
            self.until[job] = until
            self.holders[job] = by
            return True

    async def give_back(self, job: str, *, by: str, at: datetime) -> None:
        async with passing(self.gate, "turns.give_back"):
            if self.holders.get(job) == by:
                self.until[job] = at

    async def mark(self, job: str) -> datetime | None:
        async with passing(self.gate, "turns.mark"):
            return self.marks.get(job)

    async def move_mark(self, job: str, *, to: datetime) -> None:
        async with passing(self.gate, "turns.move_mark"):
            self.marks[job] = max(to, self.marks.get(job, to))
