"""The one way in which a program changes: noted, then one conditional write."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from application.errors import ApplicationError
from application.ports.audit import AuditEntry, AuditLog, about_program
from application.ports.clock import Clock
from application.ports.programs import ProgramRepository
from application.ports.storage import StorageUnavailable
from application.program_facts import what_differs
from application.programs_on_hand import ProgramsOnHand
from domain.ids import ProgramId
from domain.program import Program

TRIES_MAX: Final = 4


class ProgramChanged(ApplicationError):
    """Somebody changed it since whoever asks has looked at it."""

    code = "program_changed"

    def __init__(self, *, revision: int) -> None:
        super().__init__(
            "The program was changed meanwhile; look at it again before you change it."
        )
        self.revision = revision


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Who wants what of which program, and why.

    `revision`: the one they looked at; None: whichever it is.
    """

    program_id: ProgramId
    what: str
    by: str
    why: str
    revision: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlterProgram:
    """Read, let the domain decide, note who and why, and write if nothing has moved."""

    audit: AuditLog
    clock: Clock
    on_hand: ProgramsOnHand
    programs: ProgramRepository

    async def __call__(
        self, order: Order, rule: Callable[[Program], Program], *, drain: bool = False
    ) -> Program:
        """Return the program as it is then; one that would not differ is left alone.

        Raises:
            ProgramChanged: it is not at the revision that the order names.
            ProgramNotFound: no such program.
            StorageUnavailable: look before asking again; it may have happened.
        """
        for _ in range(TRIES_MAX):
            before = await self.programs.get(order.program_id)
            if order.revision not in {None, before.revision}:
                raise ProgramChanged(revision=before.revision)
            after = rule(before)
            if after == before:
                return before
            await self._note(order, before, after)
            if await self._write(before, after, drain=drain):
                return after
        raise StorageUnavailable

    async def _write(self, before: Program, after: Program, *, drain: bool) -> bool:
        """Write if nothing has moved; whatever came of it, this process looks again."""
        try:
            return await self.programs.change(before, after, drain=drain)
        finally:
            self.on_hand.forget(before.id)

    async def _note(self, order: Order, before: Program, after: Program) -> None:
        was, will_be = what_differs(before, after)
        await self.audit.note(
            AuditEntry(
                at=self.clock.now(),
                by=order.by,
                what=order.what,
                subject=about_program(order.program_id),
                why=order.why,
                before=was,
                after=will_be,
            )
        )
