"""See how many differences are open."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from application.ports.clock import Clock
from application.ports.findings import FindingRepository
from application.ports.metrics import Metrics, Standing
from domain.findings import Severity

BATCH: Final = 1000  # beyond it the figures say "at least"


@dataclass(frozen=True, slots=True, kw_only=True)
class CountFindings:
    """Show figures and decide nothing: whoever finds a difference tells of it."""

    clock: Clock
    findings: FindingRepository
    metrics: Metrics

    async def __call__(self) -> None:
        """Count what is open, by how bad it is.

        Raises:
            StorageUnavailable: the next look says it.
        """
        since: dict[Severity, list[datetime]] = defaultdict(list)
        for known in await self.findings.open(limit=BATCH):
            since[known.finding.severity].append(known.first_seen)
        at = self.clock.now()
        self.metrics.show_findings(
            {
                severity.name.lower(): Standing(
                    count=len(since[severity]),
                    oldest=at - min(since[severity], default=at),
                )
                for severity in Severity
            }
        )
