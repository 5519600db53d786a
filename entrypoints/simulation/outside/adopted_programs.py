from collections.abc import Collection
from dataclasses import dataclass

from domain.ids import ProgramId, PurchaseId
from domain.program import Program
from entrypoints.simulation.outside.gates import passing
from entrypoints.simulation.outside.programs import NOBODY, InMemoryProgramRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class InMemoryAdoptedPrograms:
    programs: InMemoryProgramRepository

    async def add(self, program: Program, holders: Collection[PurchaseId]) -> bool:
        async with passing(self.programs.gate, "adopted_programs.add"):
            if program.id in self.programs.stored:
                return False
            self.programs.stored[program.id] = program
            self.programs.holders[program.id] = frozenset(holders)
            return True

    async def hold(self, program_id: ProgramId, purchase_id: PurchaseId) -> bool:
        async with passing(self.programs.gate, "adopted_programs.hold"):
            holders = self.programs.holders.get(program_id, NOBODY)
            if program_id not in self.programs.stored or purchase_id in holders:
                return False
            self.programs.holders[program_id] = holders | {purchase_id}
            return True
