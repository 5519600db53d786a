from dataclasses import dataclass, field

from application.ports.audit import AuditEntry, AuditPage
from entrypoints.simulation.outside.gates import Gate, give_way, passing


@dataclass(kw_only=True)
class InMemoryAuditLog:
    gate: Gate = give_way
    entries: list[AuditEntry] = field(default_factory=list)

    async def note(self, entry: AuditEntry) -> None:
        async with passing(self.gate, "audit.note"):
            self.entries.append(entry)

    async def page(self, *, subject: str | None, page: int, size: int) -> AuditPage:
        async with passing(self.gate, "audit.page"):
            found = [e for e in self.entries if subject in {None, e.subject}]
            found.reverse()  # of one moment, the last to come is the newest
            found.sort(key=lambda entry: entry.at, reverse=True)
            items = tuple(found[(page - 1) * size : page * size])
            return AuditPage(items=items, total=len(found))
