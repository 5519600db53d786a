from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from application.ports.orphans import OwingOrphan
from application.ports.pages import Page
from domain.checkout import Payer
from domain.ids import PurchaseId
from domain.orphans import Orphan
from entrypoints.simulation.outside.gates import Gate, give_way, passing
from entrypoints.simulation.outside.pages import page_of


@dataclass(kw_only=True)
class InMemoryOrphanRepository:
    gate: Gate = give_way
    stored: dict[str, Orphan] = field(default_factory=dict)
    claimed_until: dict[str, datetime] = field(default_factory=dict)
    drive_failures: "Counter[str]" = field(default_factory=Counter)

    async def record(self, orphan: Orphan) -> bool:
        async with passing(self.gate, "orphans.record"):
            if orphan.id in self.stored:
                return False
            self.stored[orphan.id] = orphan
            self.claimed_until[orphan.id] = orphan.due_at
            return True

    async def anonymise(self, purchase_id: PurchaseId) -> None:
        async with passing(self.gate, "orphans.anonymise"):
            for payment, orphan in self.stored.items():
                if orphan.session.purchase_id == purchase_id:
                    session = replace(orphan.session, payer=Payer())
                    self.stored[payment] = replace(orphan, session=session)

    async def find(self, payment: str) -> Orphan | None:
        async with passing(self.gate, "orphans.find"):
            return self.stored.get(payment)

    async def get(self, payment: str) -> Orphan:
        async with passing(self.gate, "orphans.get"):
            return self.stored[payment]

    async def owing(self, *, at: datetime, limit: int) -> Sequence[OwingOrphan]:
        async with passing(self.gate, "orphans.owing"):
            due = [
                name
                for name, row in self.stored.items()
                if row.is_owed and self.claimed_until[name] <= at
            ]
            due.sort(key=lambda name: (self.claimed_until[name], name))
            failures = self.drive_failures
            return [OwingOrphan(id=n, failures=failures[n]) for n in due[:limit]]

    async def open_orphans(self, *, limit: int) -> Sequence[Orphan]:
        async with passing(self.gate, "orphans.open_orphans"):
            rows = [row for row in self.stored.values() if row.is_open]
            return sorted(rows, key=lambda row: (row.found_at, row.id))[:limit]

    async def page(self, *, only_open: bool, page: int, size: int) -> Page[Orphan]:
        async with passing(self.gate, "orphans.page"):
            rows = [r for r in self.stored.values() if r.is_open or not only_open]
            rows.sort(key=lambda row: (row.found_at, row.id))
            return page_of(rows, page=page, size=size)

    async def claim_drive(self, payment: str, *, at: datetime, until: datetime) -> bool:
        async with passing(self.gate, "orphans.claim_drive"):
            if payment not in self.stored or self.claimed_until[payment] > at:
                return False
            self.claimed_until[payment] = until
            return True

    async def note_drive_failure(self, payment: str) -> None:
        async with passing(self.gate, "orphans.note_drive_failure"):
            if payment in self.stored:
                self.drive_failures[payment] += 1

    async def swap(self, before: Orphan, after: Orphan) -> bool:
        async with passing(self.gate, "orphans.swap"):
            row = self.stored.get(before.id)
            if row is None or row.revision != before.revision:
                return False
            self.stored[before.id] = replace(
                row,
                money=after.money,
                is_matched=after.is_matched,
                revision=row.revision + 1,
            )
            return True
