"""Mend what is not as it should be: first a plan, then exactly that plan."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from application.errors import ApplicationError
from application.find_differences import REACH, Differences, FindDifferences
from application.repair_difference import RepairDifference
from domain.differences import PATIENCE
from domain.errors import DomainError
from domain.findings import Finding, Repair


class PlanChanged(ApplicationError):
    """What is found now is not what the plan says; nothing was done."""

    code = "plan_changed"

    def __init__(self, *, now: str) -> None:
        super().__init__("The plan no longer fits what is found; make a new one.")
        self.now = now


class Outcome(StrEnum):
    REPAIRED = "repaired"
    UNCHANGED = "unchanged"  # the repair was done, and the difference is still there
    NO_LONGER_SO = "no_longer_so"  # somebody was faster, or it is another one now
    FAILED = "failed"
    FOR_A_HUMAN = "for_a_human"  # policy knows no repair


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaired:
    """What became of one finding of the plan; `why` it failed is stable."""

    finding: Finding
    outcome: Outcome
    why: str | None = None

    @property
    def is_over(self) -> bool:
        return self.outcome in {Outcome.REPAIRED, Outcome.NO_LONGER_SO}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconcile:
    """Repair on demand what the jobs of reconcile do by themselves, and a little more.

    A plan is what was found, by its hash.  It is applied only while the same is found
    again, and each subject is looked at once more right before its repair.
    """

    find: FindDifferences
    repair: RepairDifference

    async def plan(
        self, *, reach: timedelta = REACH, patience: timedelta = PATIENCE
    ) -> Differences:
        """Find the differences; nothing is written."""
        return await self.find(reach=reach, patience=patience)

    async def apply(
        self,
        plan_hash: str,
        *,
        by: str,
        reach: timedelta = REACH,
        patience: timedelta = PATIENCE,
    ) -> AsyncGenerator[Repaired, None]:
        """Do a plan, and say of each finding what became of it, the worst first.

        Args:
            plan_hash: of the plan, which was made with the same reach and patience.
            by: who applies it, for the purchases' logs.
            reach: see `FindDifferences`.
            patience: see `FindDifferences`.

        Raises:
            PlanChanged: something else is found now; nothing was done.
        """
        found = await self.plan(reach=reach, patience=patience)
        if found.hash != plan_hash:
            raise PlanChanged(now=found.hash)
        for finding in found.findings:
            yield await self.mend(finding, reach, by=by)

    async def mend(self, finding: Finding, reach: timedelta, *, by: str) -> Repaired:
        """Repair one finding, and raise nothing: others may have their turn after it.

        It is looked at once more first: with other facts it is not the one that was
        meant.
        """
        if finding.repair is Repair.NONE:
            return Repaired(finding=finding, outcome=Outcome.FOR_A_HUMAN)
        try:
            outcome = await self._repair_and_look(finding, reach, by=by)
        except (ApplicationError, DomainError) as error:
            return Repaired(finding=finding, outcome=Outcome.FAILED, why=error.code)
        except Exception as error:  # noqa: BLE001  # one poison finding stops no other
            why = type(error).__name__
            return Repaired(finding=finding, outcome=Outcome.FAILED, why=why)
        return Repaired(finding=finding, outcome=outcome)

    async def _repair_and_look(
        self, finding: Finding, reach: timedelta, *, by: str
    ) -> Outcome:
        now = await self.find.again(finding, reach=reach)
        if now is None or not now.is_still(finding):
            return Outcome.NO_LONGER_SO
        await self.repair(now, by=by)
        after = await self.find.again(finding, reach=reach)
        return Outcome.REPAIRED if after is None else Outcome.UNCHANGED
