"""Take the predecessor's programs and purchases over, exactly as planned."""

from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from application.drive_purchase import DrivePurchase
from application.errors import ApplicationError
from application.plan_adoption import AdoptedProgram, PlanAdoption
from application.ports.audit import AuditEntry, AuditLog, about_program
from application.ports.clock import Clock
from application.ports.predecessor import AdoptedPrograms
from application.ports.purchases import (
    AdminAct,
    LivePurchaseExists,
    PurchaseRepository,
)
from application.ports.survey import Survey
from application.reconcile import PlanChanged
from domain.adoption import Adopted
from domain.errors import DomainError
from domain.purchase import Purchase, Status

ADOPT: Final = "adopt"
ASK_AT_ONCE: Final = frozenset({Status.PENDING, Status.CLOSING, Status.REFUNDING})


class AdoptionOutcome(StrEnum):
    ADOPTED = "adopted"
    FAILED = "failed"  # run it again: what was taken over is left alone


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptionStep:
    """What became of one record; `why` it failed is stable."""

    id: str
    outcome: AdoptionOutcome
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopt:
    """Purchases first, and each program after all of its own, with their spots.

    A program is not for sale before it is there, so no spot can be sold that somebody
    has.  Every step may be repeated; what is here already is never changed.
    """

    audit: AuditLog
    clock: Clock
    drive: DrivePurchase
    plan: PlanAdoption
    programs: AdoptedPrograms
    purchases: PurchaseRepository
    survey: Survey

    async def __call__(
        self, plan_hash: str, *, by: str
    ) -> AsyncGenerator[AdoptionStep, None]:
        """Do a plan, and say of each record what became of it.

        Args:
            plan_hash: of the plan that was shown.
            by: who applies it, for the records.

        Raises:
            PlanChanged: something else is found now; nothing was done.
        """
        plan = await self.plan()
        if plan.hash != plan_hash:
            raise PlanChanged(now=plan.hash)
        for row in plan.purchases:
            yield await self._purchase(row, by=by)
        for program in plan.programs:
            yield await self._program(program, by=by)

    async def _purchase(self, row: Adopted, *, by: str) -> AdoptionStep:
        purchase = row.purchase
        act = AdminAct(
            what=ADOPT, by=by, why=f"it was {row.was.id}", at=self.clock.now()
        )
        try:
            await self._add(purchase)
            await self.purchases.note_act(purchase.id, act)
        except (ApplicationError, DomainError) as error:
            return _failed(purchase.id, error.code)
        if purchase.status in ASK_AT_ONCE:
            with suppress(ApplicationError, DomainError):  # or reconcile carries it on
                await self.drive(purchase)
        return AdoptionStep(id=purchase.id, outcome=AdoptionOutcome.ADOPTED)

    async def _add(self, purchase: Purchase) -> None:
        """Store it; the one that is live may be this one, stored by an earlier run."""
        try:
            await self.purchases.add(purchase)
        except LivePurchaseExists:
            live = await self.purchases.find_live(
                buyer_id=purchase.buyer.id, program_id=purchase.program.id
            )
            if live is None or live.id != purchase.id:
                raise

    async def _program(self, row: AdoptedProgram, *, by: str) -> AdoptionStep:
        program = row.program
        try:
            holders = await self.survey.live_reps(program.id)
            if await self.programs.add(program, holders):
                await self._note(row, by=by)
            else:
                for holder in sorted(holders):
                    await self.programs.hold(program.id, holder)
        except (ApplicationError, DomainError) as error:
            return _failed(program.id, error.code)
        return AdoptionStep(id=program.id, outcome=AdoptionOutcome.ADOPTED)

    async def _note(self, row: AdoptedProgram, *, by: str) -> None:
        await self.audit.note(
            AuditEntry(
                at=self.clock.now(),
                by=by,
                what=ADOPT,
                subject=about_program(row.program.id),
                why="taken over from the predecessor",
                before={"id": row.was.id, "classRepCount": row.was.class_rep_count},
                after={"id": row.program.id, "spots": row.spots},
            )
        )


def _failed(id_: str, why: str) -> AdoptionStep:
    return AdoptionStep(id=id_, outcome=AdoptionOutcome.FAILED, why=why)
