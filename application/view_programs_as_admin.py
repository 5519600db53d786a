"""All programs, for sale or not, and how their spots stand."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.programs import ProgramRepository, ProgramState
from application.ports.survey import Survey
from domain.class_rep import SpotTally
from domain.ids import ProgramId
from domain.program import Program


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramOverview:
    program: Program
    spots: SpotTally


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewPage:
    items: tuple[ProgramOverview, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewProgramsAsAdmin:
    """Every method may raise `StorageUnavailable`."""

    programs: ProgramRepository
    survey: Survey

    async def one(self, program_id: ProgramId) -> ProgramOverview:
        """Return one program, for sale or retired.

        Raises:
            ProgramNotFound: no such program.
        """
        (overview,) = await self.of([await self.programs.get(program_id)])
        return overview

    async def page(
        self, *, state: ProgramState, search: str, page: int, size: int
    ) -> OverviewPage:
        """Return programs by title; `search` is a part of a title or an id."""
        found = await self.programs.page(
            state=state, search=search, page=page, size=size
        )
        return OverviewPage(items=tuple(await self.of(found.items)), total=found.total)

    async def of(self, programs: Sequence[Program]) -> Sequence[ProgramOverview]:
        """Count the paid spots of programs that were just read."""
        paid = await self.survey.paid_spots([program.id for program in programs])
        return [
            ProgramOverview(
                program=program,
                spots=SpotTally(
                    limit=program.terms.class_rep_limit,
                    taken=program.class_rep_count,
                    paid=min(paid.get(program.id, 0), program.class_rep_count),
                ),
            )
            for program in programs
        ]
