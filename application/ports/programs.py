from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from application.errors import ApplicationError
from domain.ids import ProgramId, PurchaseId
from domain.program import Program


class ProgramNotFound(ApplicationError):
    """There is no such program, or it is no longer for sale."""

    code = "program_not_found"

    def __init__(self, program_id: ProgramId) -> None:
        super().__init__("Program not found.")
        self.program_id = program_id


class ProgramExists(ApplicationError):
    code = "program_exists"

    def __init__(self, program_id: ProgramId) -> None:
        super().__init__(f"There is a program {program_id!r} already.")
        self.program_id = program_id


class TermsChanged(ApplicationError):
    """The program is at another revision than the one that was named."""

    code = "terms_changed"

    def __init__(self, program_id: ProgramId) -> None:
        super().__init__("The terms of this program were changed; please try again.")
        self.program_id = program_id


class ProgramState(StrEnum):
    """Which programs an admin looks at."""

    ACTIVE = "active"
    RETIRED = "retired"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramPage:
    items: tuple[Program, ...]
    total: int


class ProgramRepository(Protocol):
    """Programs and who holds their class-rep spots.

    Each call is one atomic step; every call may raise `StorageUnavailable`.
    """

    async def add(self, program: Program) -> None:
        """Store a program for the first time, with no spots taken.

        Raises:
            ProgramExists: its id is taken.
        """
        ...

    async def get(self, program_id: ProgramId) -> Program:
        """Return one program, for sale or retired.

        Raises:
            ProgramNotFound: there is no such program.
        """
        ...

    async def active_page(self, *, page: int, size: int) -> ProgramPage:
        """Return the programs for sale, by title; `page` counts from 1."""
        ...

    async def page(
        self, *, state: ProgramState, search: str, page: int, size: int
    ) -> ProgramPage:
        """Return programs by title, from page 1; empty pages are past the last.

        Args:
            state: for sale, retired, or both.
            search: a part of the title or of the id, in whatever case; empty: any.
            page: counts from 1.
            size: how many at most.
        """
        ...

    async def change(self, before: Program, after: Program, *, drain: bool) -> bool:
        """Store what an admin changed, spots and their count left alone.

        Revision and, for another limit without a drain, the spots taken are checked in
        the same conditional write.

        Returns:
            Whether the program was still at the revision of `before`, and no more
            spots were taken than the new limit allows.
        """
        ...

    async def reserve_spot(
        self,
        program_id: ProgramId,
        purchase_id: PurchaseId,
        *,
        limit: int,
        revision: int | None = None,
    ) -> None:
        """Hold a spot for a purchase; the one it already holds is enough.

        The limit and the revision are checked and the spot taken in one conditional
        write.

        Args:
            program_id: whose spot.
            purchase_id: for whom.
            limit: the limit as it was last read.  When it has changed since, the
                present one counts.
            revision: the one under which the buyer's price was made; None: whichever.

        Raises:
            SpotsExhausted: others hold them all.
            ProgramNotFound: no such program, or it was retired.
            TermsChanged: it is at another revision; no spot was taken.
        """
        ...

    async def release_spot(
        self, program_id: ProgramId, purchase_id: PurchaseId
    ) -> bool:
        """Give back the spot of a purchase that was read terminal.

        Returns:
            Whether it was held: of any number of callers, one is told so.
        """
        ...

    async def spot_holders(self, program_id: ProgramId) -> frozenset[PurchaseId]:
        """Return the purchases that hold a spot of the program."""
        ...

    async def ids_with_holders(
        self, *, after: ProgramId | None, limit: int
    ) -> Sequence[ProgramId]:
        """Return programs of which spots are held, by id, those after one or all."""
        ...
