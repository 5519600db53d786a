from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from domain.ids import ProgramId
from domain.purchase import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusCounts:
    """How many purchases stand where.

    `refund_failed` are among the completed: their last refund came to nothing.
    """

    by_status: Mapping[Status, int]
    refund_failed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyOfDay:
    """What came in and what went back on one day of UTC, in minor units."""

    day: date
    currency: str
    came: int = 0
    went: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SpotsOfProgram:
    """Spots of a program: held by who has yet to pay, and by who has.

    `limit` None: there is none.
    """

    program_id: ProgramId
    title: str
    limit: int | None
    held: int
    paid: int

    @property
    def free(self) -> int | None:
        return None if self.limit is None else max(0, self.limit - self._taken)

    @property
    def over(self) -> int:
        """Return how many are taken above a limit that was lowered."""
        return 0 if self.limit is None else max(0, self._taken - self.limit)

    @property
    def _taken(self) -> int:
        return self.held + self.paid


class Figures(Protocol):
    """Sums over purchases and programs; looking writes nothing.

    Every call may raise `StorageUnavailable`.
    """

    async def status_counts(self) -> StatusCounts:
        """Count all purchases by where they stand."""
        ...

    async def money_by_day(self, *, since: datetime) -> Sequence[MoneyOfDay]:
        """Sum up what completed purchases and what their refunds gave back, by day.

        Money that only passed through, late or second, is in neither, and refunds that
        arrived before their day was kept are not in it; the ledger has all of it.  By
        day and currency; a day on which nothing moved is left out.
        """
        ...

    async def spots(self, *, limit: int) -> Sequence[SpotsOfProgram]:
        """Return the spots of programs that are for sale, by title.

        A spot that a purchase is just taking, or that is held by nobody's right, counts
        as paid.
        """
        ...
