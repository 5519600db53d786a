from datetime import datetime
from typing import Literal

from beanie import Document
from pydantic import ConfigDict

from application.ports.findings import KnownFinding
from domain.findings import Fact, Finding, FindingKind, Severity, Told


class FindingDocument(Document):
    """One finding; `open` is there until it is gone, then `gone_at` is.

    `rank` sorts the worst first, `told` is the severity that the humans know of, and
    `telling_until` is there while one tells them, or waits to try again.
    """

    model_config = ConfigDict(hide_input_in_errors=True)

    id: str  # type: ignore[assignment]  # Beanie cannot use a NewType here
    kind: FindingKind
    subject: str
    evidence: dict[str, Fact]
    severity: int
    rank: int
    open: Literal[True] | None = None
    told: int | None = None
    told_at: datetime | None = None
    telling_until: datetime | None = None
    first_seen: datetime
    last_seen: datetime
    times: int
    gone_at: datetime | None = None

    class Settings:
        name = "findings"
        keep_nulls = False

    def to_domain(self) -> KnownFinding:
        return KnownFinding(
            finding=Finding(
                kind=self.kind,
                subject=self.subject,
                evidence=self.evidence,
                severity=Severity(self.severity),
            ),
            first_seen=self.first_seen,
            last_seen=self.last_seen,
            times=self.times,
            gone_at=self.gone_at,
            told=self._told(),
        )

    def _told(self) -> Told | None:
        if self.told is None:
            return None
        return Told(severity=Severity(self.told), at=self.told_at)
