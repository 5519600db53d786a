"""An admin has one finding mended, as it was shown."""

from dataclasses import dataclass

from application.errors import ApplicationError
from application.find_differences import REACH
from application.ports.audit import AuditEntry, AuditLog
from application.ports.clock import Clock
from application.ports.findings import FindingRepository
from application.reconcile import Outcome, PlanChanged, Reconcile, Repaired
from domain.findings import Finding


class FindingNotFound(ApplicationError):
    code = "finding_not_found"

    def __init__(self) -> None:
        super().__init__("Finding not found.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairFindingCommand:
    """Which one, what the admin was shown as its plan, who it is, and why."""

    finding_id: str
    plan: str
    admin: str
    reason: str

    @property
    def by(self) -> str:
        return f"admin {self.admin}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairFinding:
    """Look once more, and do what was shown if it still fits, or nothing.

    The same repair as `spothold reconcile --apply` makes, of one finding.  Written down
    first: what is refused was asked for all the same.
    """

    audit: AuditLog
    clock: Clock
    findings: FindingRepository
    reconcile: Reconcile

    async def __call__(self, command: RepairFindingCommand) -> Repaired:
        """Return what became of it; one that is no more is over, whoever mended it.

        Raises:
            FindingNotFound: nobody ever saw it.
            PaymentGatewayUnavailable: it is not known how it stands; ask again.
            PlanChanged: the facts are others now, and are shown from here on.
            StorageUnavailable: ask again; a repair may be repeated.
        """
        known = await self.findings.get(command.finding_id)
        if known is None:
            raise FindingNotFound
        await self.audit.note(self._entry(command, known.finding))
        now = await self.reconcile.find.again(known.finding, reach=REACH)
        if now is None:
            done = Repaired(finding=known.finding, outcome=Outcome.NO_LONGER_SO)
        elif now.plan != command.plan:
            await self.findings.note(now, at=self.clock.now())
            raise PlanChanged(now=now.plan)
        else:
            done = await self.reconcile.mend(now, REACH, by=command.by)
        if done.is_over:
            await self.findings.mark_gone(command.finding_id, at=self.clock.now())
        return done

    def _entry(self, command: RepairFindingCommand, finding: Finding) -> AuditEntry:
        return AuditEntry(
            at=self.clock.now(),
            by=command.by,
            what=f"repair_{finding.kind}",
            subject=f"finding/{finding.id}",
            why=command.reason,
            after={"repair": finding.repair, "of": finding.subject},
        )
