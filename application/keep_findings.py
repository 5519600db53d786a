"""Look for differences again and again, and tell the humans of those that stay."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from application.find_differences import Differences, FindDifferences
from application.ports.alerts import Alert, Alerts
from application.ports.clock import Clock
from application.ports.findings import FindingRepository, KnownFinding
from application.ports.payments import PaymentGatewayUnavailable
from application.ports.storage import StorageUnavailable
from application.ports.turns import Turns
from application.tell_findings import TellFindings
from application.tell_in_turn import TellingTurn, tell_in_turn

JOB: Final = "keep findings"
TURN: Final = timedelta(minutes=10)
# Whatever is older was seen by an earlier turn, and is looked at again by its name.
REACH: Final = timedelta(days=1)
OPEN_MAX: Final = 2000
TOLD_AGAIN: Final = timedelta(hours=6)
# An outage is told by readiness, and is nobody's fault here.
SILENT: Final = frozenset({PaymentGatewayUnavailable.code, StorageUnavailable.code})


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepFindings:
    """Keep the findings as they are now, and tell of each that wants a human.

    Nothing is repaired here: what policy repairs by itself, the jobs of reconcile do,
    and it is told only when they do not come to an end with it.
    """

    alerts: Alerts
    clock: Clock
    find: FindDifferences
    findings: FindingRepository
    tell: TellFindings
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
        known = [await self.findings.note(finding, at=at) for finding in found.findings]
        known += await self._let_go({finding.id for finding in found.findings}, at=at)
        await self.tell(known, plan=_applying(found))
        stumbled = set(found.unseen.values()) - SILENT
        if stumbled:
            await self._tell_unseen(found, at=at)
        return len(found.findings)

    async def _let_go(
        self, seen: Collection[str], *, at: datetime
    ) -> Sequence[KnownFinding]:
        """Look again at each that was not seen, and return those that are still so."""
        still_so: list[KnownFinding] = []
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
                still_so.append(await self.findings.note(still, at=at))
        return still_so

    async def _tell_unseen(self, found: Differences, *, at: datetime) -> None:
        """Tell it, but not at each turn for as long as it lasts."""
        turn = TellingTurn(
            job=f"{JOB}: unseen", by=self.worker, at=at, lasts=TOLD_AGAIN
        )
        alert = _unseen_alert(found)
        await tell_in_turn(alert, turn, alerts=self.alerts, turns=self.turns)


def _applying(found: Differences) -> str:
    """Return the command that does what was found, while the same is found."""
    return f"spothold reconcile --days {REACH.days} --apply {found.hash}"


def _unseen_alert(found: Differences) -> Alert:
    return Alert(
        code="inspection_incomplete",
        message="Reconcile could not look at everything.",
        next_step="See in the log why; it looks again at its next turn.",
        facts=dict(found.unseen),
    )
