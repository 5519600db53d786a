from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from application.ports.programs import (
    ProgramExists,
    ProgramNotFound,
    ProgramPage,
    ProgramState,
    TermsChanged,
)
from domain.class_rep import ClassRepSpots, effective_limit, is_lower
from domain.ids import ProgramId, PurchaseId
from domain.program import Program
from entrypoints.simulation.outside.gates import Gate, give_way, passing

NOBODY: Final[frozenset[PurchaseId]] = frozenset()


@dataclass(kw_only=True)
class InMemoryProgramRepository:
    """`drift` is how far somebody moved a counter away from the spots."""

    gate: Gate = give_way
    stored: dict[ProgramId, Program] = field(default_factory=dict)
    holders: dict[ProgramId, frozenset[PurchaseId]] = field(default_factory=dict)
    drift: "Counter[ProgramId]" = field(default_factory=Counter)

    async def add(self, program: Program) -> None:
        async with passing(self.gate, "programs.add"):
            if program.id in self.stored:
                raise ProgramExists(program.id)
            self.stored[program.id] = program

    async def get(self, program_id: ProgramId) -> Program:
        async with passing(self.gate, "programs.get"):
            return self._read(program_id)

    async def active_page(self, *, page: int, size: int) -> ProgramPage:
        async with passing(self.gate, "programs.active_page"):
            active = [self._read(row.id) for row in self.stored.values()]
            active = [program for program in active if program.is_active]
            active.sort(key=lambda program: (program.title, program.id))
            items = active[(page - 1) * size : page * size]
            return ProgramPage(items=tuple(items), total=len(active))

    async def page(
        self, *, state: ProgramState, search: str, page: int, size: int
    ) -> ProgramPage:
        async with passing(self.gate, "programs.page"):
            rows = [self._read(row.id) for row in self.stored.values()]
            rows = [row for row in rows if _is_in(row, state) and _names(row, search)]
            rows.sort(key=lambda program: (program.title, program.id))
            items = rows[(page - 1) * size : page * size]
            return ProgramPage(items=tuple(items), total=len(rows))

    async def change(self, before: Program, after: Program, *, drain: bool) -> bool:
        async with passing(self.gate, "programs.change"):
            row = self.stored.get(before.id)
            if row is None or row.revision != before.revision:
                return False
            limit, taken = after.terms.class_rep_limit, self._read(row.id)
            lowers = is_lower(limit, than=before.terms.class_rep_limit)
            if lowers and not drain and taken.class_rep_count > effective_limit(limit):
                return False
            self.stored[row.id] = after
            return True

    async def reserve_spot(
        self,
        program_id: ProgramId,
        purchase_id: PurchaseId,
        *,
        limit: int,
        revision: int | None = None,
    ) -> None:
        async with passing(self.gate, "programs.reserve_spot"):
            holders = self.holders.get(program_id, NOBODY)
            if purchase_id in holders:
                return
            program = self._read(program_id)
            if not program.is_active:
                raise ProgramNotFound(program_id)
            if revision not in {None, program.revision}:
                raise TermsChanged(program_id)
            spots = ClassRepSpots(limit=program.terms.class_rep_limit, holders=holders)
            self.holders[program_id] = spots.reserve(purchase_id).holders

    async def release_spot(
        self, program_id: ProgramId, purchase_id: PurchaseId
    ) -> bool:
        async with passing(self.gate, "programs.release_spot"):
            holders = self.holders.get(program_id, NOBODY)
            self.holders[program_id] = holders - {purchase_id}
            return purchase_id in holders

    async def spot_holders(self, program_id: ProgramId) -> frozenset[PurchaseId]:
        async with passing(self.gate, "programs.spot_holders"):
            return self.holders.get(program_id, NOBODY)

    async def ids_with_holders(
        self, *, after: ProgramId | None, limit: int
    ) -> Sequence[ProgramId]:
        async with passing(self.gate, "programs.ids_with_holders"):
            held = sorted(id_ for id_, holders in self.holders.items() if holders)
            return [id_ for id_ in held if after is None or id_ > after][:limit]

    def _read(self, program_id: ProgramId) -> Program:
        try:
            program = self.stored[program_id]
        except KeyError:
            raise ProgramNotFound(program_id) from None
        taken = len(self.holders.get(program_id, NOBODY))
        return replace(program, class_rep_count=taken)


def _is_in(program: Program, state: ProgramState) -> bool:
    return state is ProgramState.ALL or program.is_active == (
        state is ProgramState.ACTIVE
    )


def _names(program: Program, search: str) -> bool:
    part = search.lower()
    return part in program.title.lower() or part in program.id.lower()
