from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from application.ports.findings import KnownFinding
from application.ports.pages import Page
from domain.findings import Finding, Told
from entrypoints.simulation.outside.gates import Gate, give_way, passing
from entrypoints.simulation.outside.pages import page_of


@dataclass(kw_only=True)
class InMemoryFindingRepository:
    gate: Gate = give_way
    rows: dict[str, KnownFinding] = field(default_factory=dict)
    telling_until: dict[str, datetime] = field(default_factory=dict)

    async def note(self, finding: Finding, *, at: datetime) -> KnownFinding:
        async with passing(self.gate, "findings.note"):
            known = self.rows.get(finding.id)
            if known is None or known.gone_at is not None:
                known = KnownFinding(finding=finding, first_seen=at, last_seen=at)
            else:
                last_seen, times = max(known.last_seen, at), known.times + 1
                known = replace(
                    known, finding=finding, last_seen=last_seen, times=times
                )
            self.rows[finding.id] = known
            return known

    async def claim_telling(
        self, known: KnownFinding, *, at: datetime, until: datetime
    ) -> bool:
        async with passing(self.gate, "findings.claim_telling"):
            name = known.finding.id
            row, claimed_until = self.rows.get(name), self.telling_until.get(name)
            is_claimed = claimed_until is not None and claimed_until > at
            if row is None or row.gone_at is not None or is_claimed:
                return False
            if row.told != known.told:
                return False
            self.telling_until[name] = until
            return True

    async def mark_told(
        self, finding: Finding, *, claim: datetime, at: datetime
    ) -> None:
        async with passing(self.gate, "findings.mark_told"):
            if self.telling_until.get(finding.id) != claim:
                return
            row = self.rows[finding.id]
            before = row.told or Told(severity=finding.severity, at=at)
            told = Told(
                severity=max(before.severity, finding.severity),
                at=max(before.at or at, at),
            )
            self.rows[finding.id] = replace(row, told=told)
            del self.telling_until[finding.id]

    async def put_off_telling(
        self, finding_id: str, *, claim: datetime, until: datetime
    ) -> None:
        async with passing(self.gate, "findings.put_off_telling"):
            if self.telling_until.get(finding_id) == claim:
                self.telling_until[finding_id] = until

    async def give_up_telling(self, finding_id: str, *, claim: datetime) -> None:
        async with passing(self.gate, "findings.give_up_telling"):
            if self.telling_until.get(finding_id) == claim:
                del self.telling_until[finding_id]

    async def left_untold(self, *, at: datetime, limit: int) -> Sequence[KnownFinding]:
        async with passing(self.gate, "findings.left_untold"):
            over = [name for name, until in self.telling_until.items() if until <= at]
            over.sort(key=self.telling_until.__getitem__)
            return [self.rows[name] for name in over][:limit]

    async def mark_gone(self, finding_id: str, *, at: datetime) -> bool:
        async with passing(self.gate, "findings.mark_gone"):
            known = self.rows.get(finding_id)
            if known is None or known.gone_at is not None or known.last_seen >= at:
                return False
            self.rows[finding_id] = replace(known, gone_at=at, told=None)
            self.telling_until.pop(finding_id, None)
            return True

    async def open(self, *, limit: int) -> Sequence[KnownFinding]:
        async with passing(self.gate, "findings.open"):
            return self._open()[:limit]

    async def page(self, *, page: int, size: int) -> Page[KnownFinding]:
        async with passing(self.gate, "findings.page"):
            return page_of(self._open(), page=page, size=size)

    async def get(self, finding_id: str) -> KnownFinding | None:
        async with passing(self.gate, "findings.get"):
            return self.rows.get(finding_id)

    def _open(self) -> list[KnownFinding]:
        rows = [row for row in self.rows.values() if row.gone_at is None]
        return sorted(
            rows,
            key=lambda row: (-row.finding.severity, row.first_seen, row.finding.id),
        )
