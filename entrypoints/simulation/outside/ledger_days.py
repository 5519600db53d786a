from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from domain.day_ledger import DayLedger
from entrypoints.simulation.outside.gates import Gate, give_way, passing


@dataclass(kw_only=True)
class InMemoryLedgerDays:
    gate: Gate = give_way
    stored: dict[date, DayLedger] = field(default_factory=dict)

    async def store(self, ledger: DayLedger, *, at: datetime) -> None:
        async with passing(self.gate, "ledger_days.store"):
            self.stored[ledger.day] = ledger

    async def find(self, day: date) -> DayLedger | None:
        async with passing(self.gate, "ledger_days.find"):
            return self.stored.get(day)

    async def unequal(self, *, since: date, limit: int) -> Sequence[DayLedger]:
        async with passing(self.gate, "ledger_days.unequal"):
            days = sorted(self.stored, reverse=True)
            found = [self.stored[day] for day in days if day >= since]
            return [ledger for ledger in found if not ledger.is_equal][:limit]
