"""An admin retires a program or pauses its sales, or takes either back."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from application.alter_program import AlterProgram, Order
from domain.ids import ProgramId
from domain.program import Program
from domain.program_changes import revised


class ProgramAct(StrEnum):
    """What may be done to a program beside its terms; each twice is like once."""

    PAUSE_SALES = "pause_sales"
    RESTORE = "restore_program"
    RESUME_SALES = "resume_sales"
    RETIRE = "retire_program"


# Retired, it is for sale no longer and nobody sees it; paused, it is shown, and
# nobody new begins to pay.  Who has begun or has paid keeps what they have.
EFFECT: Final[dict[ProgramAct, dict[str, Any]]] = {
    ProgramAct.PAUSE_SALES: {"is_paused": True},
    ProgramAct.RESTORE: {"is_active": True},
    ProgramAct.RESUME_SALES: {"is_paused": False},
    ProgramAct.RETIRE: {"is_active": False},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramActCommand:
    act: ProgramAct
    program_id: ProgramId
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActOnProgram:
    alter: AlterProgram

    async def __call__(self, command: ProgramActCommand) -> Program:
        """Return the program as it is then.

        Raises:
            ProgramNotFound: no such program.
            StorageUnavailable: ask again; every act may be repeated.
        """

        def rule(program: Program) -> Program:
            return revised(program, replace(program, **EFFECT[command.act]))

        order = Order(
            program_id=command.program_id,
            what=command.act.value,
            by=command.by,
            why=command.reason,
        )
        return await self.alter(order, rule)
