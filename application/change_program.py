"""An admin changes the terms of a program."""

from dataclasses import dataclass

from application.alter_program import AlterProgram, Order
from application.terms import as_asked, check_time_zone
from domain.ids import ProgramId
from domain.program import Program
from domain.program_changes import ProgramChanges, changed


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeProgramCommand:
    """Who changes what and why; `revision` is the one they looked at, if they say.

    `drain`: a limit below the spots taken is meant so.
    """

    program_id: ProgramId
    changes: ProgramChanges
    by: str
    reason: str
    drain: bool = False
    revision: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeProgram:
    alter: AlterProgram

    async def __call__(self, command: ChangeProgramCommand) -> Program:
        """Return the program with its new terms; purchases keep their quotes.

        Raises:
            LimitBelowUse: more spots are taken than the new limit; drain, or leave it.
            ProgramChanged: somebody else was faster.
            ProgramNotFound: no such program.
            StorageUnavailable: look before asking again; it may have happened.
            TermsRefused: the new terms contradict themselves.
        """

        def rule(program: Program) -> Program:
            with as_asked():
                if command.changes.time_zone is not None:
                    check_time_zone(command.changes.time_zone)
                return changed(program, command.changes, drain=command.drain)

        order = Order(
            program_id=command.program_id,
            what="change_program",
            by=command.by,
            why=command.reason,
            revision=command.revision,
        )
        return await self.alter(order, rule, drain=command.drain)
