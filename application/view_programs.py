"""What is for sale."""

from dataclasses import dataclass

from application.ports.programs import (
    ProgramNotFound,
    ProgramPage,
    ProgramRepository,
)
from domain.ids import ProgramId
from domain.program import Program


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewPrograms:
    """Programs for sale.  Every method may raise `StorageUnavailable`."""

    programs: ProgramRepository

    async def one(self, program_id: ProgramId) -> Program:
        """Return a program for sale.

        Raises:
            ProgramNotFound: it does not exist or was retired.
        """
        program = await self.programs.get(program_id)
        if not program.is_active:
            raise ProgramNotFound(program_id)
        return program

    async def page(self, *, page: int, size: int) -> ProgramPage:
        """Return the programs for sale, by title."""
        return await self.programs.active_page(page=page, size=size)
