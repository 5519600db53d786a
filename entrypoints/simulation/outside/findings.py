from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from application.ports.findings import KnownFinding
from application.ports.pages import Page
from domain.findings import Finding, Severity
from entrypoints.simulation.outside.gates import Gate, give_way, passing
from entrypoints.simulation.outside.pages import page_of


@dataclass(kw_only=True)
class InMemoryFindingRepository:
    gate: Gate = give_way
    rows: dict[str, KnownFinding] = field(default_factory=dict)
    told: dict[str, Severity] = field(default_factory=dict)

    async def note(self, finding: Finding, *, at: datetime) -> bool:
        async with passing(self.gate, "findings.note"):
            known = self.rows.get(finding.id)
            if known is None or known.gone_at is not None:
                self.rows[finding.id] = KnownFinding(
                    finding=finding, first_seen=at, last_seen=at
                )
            else:
                self.rows[finding.id] = replace(
                    known, finding=finding, last_seen=at, times=known.times + 1
                )
            return self._is_news(finding)

    async def claim_telling(self, finding: Finding) -> bool:
        async with passing(self.gate, "findings.claim_telling"):
            known = self.rows.get(finding.id)
            is_open = known is not None and known.gone_at is None
            is_news = is_open and self._is_news(finding)
            if is_news:
                self.told[finding.id] = finding.severity
            return is_news

    async def mark_gone(self, finding_id: str, *, at: datetime) -> bool:
        async with passing(self.gate, "findings.mark_gone"):
            known = self.rows.get(finding_id)
            if known is None or known.gone_at is not None or known.last_seen >= at:
                return False
            self.rows[finding_id] = replace(known, gone_at=at)
            self.told.pop(finding_id, None)
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

    def _is_news(self, finding: Finding) -> bool:
        told = self.told.get(finding.id)
        return told is None or told < finding.severity
