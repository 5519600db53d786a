"""Tell the humans of the findings that want one."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from application.ports.alerts import Alert, Alerts
from application.ports.clock import Clock
from application.ports.findings import FindingRepository, KnownFinding
from domain.findings import Finding, FindingKind, Repair, is_to_be_told

# Longer than the claims of a bad day and the slowest way to the humans take together,
# and short enough that another takes over within a minute.
LEASE: Final = timedelta(seconds=40)
PAUSE: Final = timedelta(minutes=10)  # when no way to the humans was open
NAMED_MAX: Final = 15  # of one kind in one message; the others are counted


@dataclass(frozen=True, slots=True, kw_only=True)
class TellFindings:
    """Tell of each once, again when it gets worse, and again when it stays for long.

    Those of one kind go out together, so that a bad day fills no mailbox.  They are
    claimed before and marked after: what somebody dies of in between, and what no way
    to the humans took, `TakeOverTelling` tells.  So one may be told twice, and none is
    lost.
    """

    alerts: Alerts
    clock: Clock
    findings: FindingRepository

    async def __call__(
        self, known: Iterable[KnownFinding], *, plan: str | None = None
    ) -> int:
        """Tell of those that it is time for, and return of how many.

        Args:
            known: the findings as they were just noted, or as they stand.
            plan: the command that applies the plan of which they are a part, if one
                was just made.

        Raises:
            StorageUnavailable: the next turn goes on.
        """
        of_kind: dict[FindingKind, list[KnownFinding]] = defaultdict(list)
        for each in known:
            if is_to_be_told(each.finding, each.told, at=self.clock.now()):
                of_kind[each.finding.kind].append(each)
        told = 0
        for due in of_kind.values():
            told += await self._tell(due, plan)
        return told

    async def _tell(self, due: Sequence[KnownFinding], plan: str | None) -> int:
        claim = self.clock.now() + LEASE
        ours = [known for known in due if await self._claim(known, claim)]
        if not ours:
            return 0
        if not await self.alerts.deliver(alert_about(ours, plan=plan)):
            await self._put_off(ours, claim)
            return 0
        for known in ours:
            at = self.clock.now()
            await self.findings.mark_told(known.finding, claim=claim, at=at)
        return len(ours)

    async def _claim(self, known: KnownFinding, claim: datetime) -> bool:
        at = self.clock.now()
        return await self.findings.claim_telling(known, at=at, until=claim)

    async def _put_off(self, ours: Sequence[KnownFinding], claim: datetime) -> None:
        until = self.clock.now() + PAUSE
        for known in ours:
            await self.findings.put_off_telling(
                known.finding.id, claim=claim, until=until
            )


def alert_about(known: Sequence[KnownFinding], *, plan: str | None) -> Alert:
    """Word one alert about findings of one kind."""
    first, number = known[0].finding, len(known)
    kind = first.kind.replace("_", " ")
    what = "a difference" if number == 1 else f"{number} differences"
    is_old = all(each.told is not None for each in known)
    found = "still sees" if is_old else "found"
    return Alert(
        code=f"finding_{first.kind}",
        message=f"Reconcile {found} {what}: {kind}.",
        next_step=f"{first.next_step}  {_command(first, plan, number)}",
        facts=_facts(known[0]) if number == 1 else _in_short(known),
    )


def _command(finding: Finding, plan: str | None, number: int) -> str:
    """Return what to run next, word for word."""
    purchase_id = finding.evidence.get("purchase_id")
    if number == 1 and purchase_id is not None:
        return f"To see it, run `spothold purchase show {purchase_id}`."
    if finding.repair is not Repair.NONE and plan is not None:
        return f"To mend it, after a look at `spothold reconcile`, run `{plan}`."
    return "To see all, run `spothold reconcile`."


def _facts(known: KnownFinding) -> dict[str, str | int | None]:
    finding = known.finding
    return {
        "finding": finding.id,
        "subject": finding.subject,
        "severity": finding.severity.name.lower(),
        "since": _minute(known.first_seen),
        **finding.evidence,
    }


def _in_short(known: Sequence[KnownFinding]) -> dict[str, str | int | None]:
    named = {
        each.finding.subject: ", ".join(
            f"{name} {fact}" for name, fact in _facts(each).items() if name != "subject"
        )
        for each in known[:NAMED_MAX]
    }
    rest = len(known) - len(named)
    return {"number": len(known), **named, **({"more": rest} if rest else {})}


def _minute(at: datetime) -> str:
    return at.isoformat(timespec="minutes")
