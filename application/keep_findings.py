"""Look for differences again and again, and tell the humans of those that stay."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from application.find_differences import Differences, FindDifferences
from application.ports.alerts import Alert, Alerts
from application.ports.clock import Clock
from application.ports.findings import FindingRepository
from application.ports.payments import PaymentGatewayUnavailable
from application.ports.storage import StorageUnavailable
from application.ports.turns import Turns
from domain.findings import Finding

JOB: Final = "keep findings"
TURN: Final = timedelta(minutes=10)
# Whatever is older was seen by an earlier turn, and is looked at again by its name.
REACH: Final = timedelta(days=1)
OPEN_MAX: Final = 2000
# An outage is told by readiness, and is nobody's fault here.
SILENT: Final = frozenset({PaymentGatewayUnavailable.code, StorageUnavailable.code})


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepFindings:
    """Keep the findings as they are now, and alert once for each that wants a human.

    Nothing is repaired here: what policy repairs by itself, the jobs of reconcile do,
    and it is told only when they do not come to an end with it.
    """

    alerts: Alerts
    clock: Clock
    find: FindDifferences
    findings: FindingRepository
    turns: Turns
    worker: str

    async def __call__(self) -> int:
        """Inspect, record and tell; return how many differences there are.

        Raises:
            StorageUnavailable: the next turn goes on.
        """
        at = self.clock.now()
        if not await self.turns.take(JOB, by=self.worker, at=at, until=at + TURN):
            return 0
        found = await self.find(reach=REACH)
        for finding in found.findings:
            await self._note(finding, at=at)
        await self._let_go({finding.id for finding in found.findings}, at=at)
        stumbled = set(found.unseen.values()) - SILENT
        if stumbled:
            await self.alerts.send(_unseen_alert(found))
        return len(found.findings)

    async def _note(self, finding: Finding, *, at: datetime) -> None:
        is_news = await self.findings.note(finding, at=at)
        if not (is_news and finding.wants_a_human):
            return
        if await self.findings.claim_telling(finding):
            await self.alerts.send(alert_about(finding))

    async def _let_go(self, seen: Collection[str], *, at: datetime) -> None:
        """Look again at each finding that was not seen, before it is called gone."""
        for known in await self.findings.open(limit=OPEN_MAX):
            if known.finding.id in seen:
                continue
            try:
                still = await self.find.again(known.finding, reach=REACH)
            except Exception:  # noqa: BLE001, S112  # one that stumbles stops no other
                continue  # it is not known; it stays as it was
            if still is None:
                await self.findings.mark_gone(known.finding.id, at=at)
            else:
                await self._note(still, at=at)


def alert_about(finding: Finding) -> Alert:
    return Alert(
        code=f"finding_{finding.kind}",
        message=f"Reconcile found a difference: {finding.kind.replace('_', ' ')}.",
        next_step=finding.next_step,
        facts={
            "finding": finding.id,
            "subject": finding.subject,
            "severity": finding.severity.name.lower(),
            **finding.evidence,
        },
    )


def _unseen_alert(found: Differences) -> Alert:
    return Alert(
        code="inspection_incomplete",
        message="Reconcile could not look at everything.",
        next_step="See in the log why; it looks again at its next turn.",
        facts=dict(found.unseen),
    )
