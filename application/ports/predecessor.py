from collections.abc import Collection, Sequence
from typing import Protocol

from application.errors import ApplicationError
from domain.ids import ProgramId, PurchaseId
from domain.predecessor import OddRecord, OldProgram, OldPurchase
from domain.program import Program


class TooManyRecords(ApplicationError):
    """More than one run takes over; the predecessor had far fewer."""

    code = "too_many_records"

    def __init__(self, most: int) -> None:
        super().__init__(f"There are more than {most} records of one kind.")


class Predecessor(Protocol):
    """The database of the system before this one; nothing is ever written to it.

    Every call may raise `StorageUnavailable`, and `TooManyRecords`.
    """

    async def programs(self) -> Sequence[OldProgram | OddRecord]:
        """Return all programs, by id; what cannot be read says so."""
        ...

    async def purchases(self) -> Sequence[OldPurchase | OddRecord]:
        """Return all purchases, by id; what cannot be read or is of events says so."""
        ...


class AdoptedPrograms(Protocol):
    """Programs that come with holders.  Every call may raise `StorageUnavailable`."""

    async def add(self, program: Program, holders: Collection[PurchaseId]) -> bool:
        """Store a program with its spots, all in one, so that none is sold before.

        There may be more holders than its limit: nobody who paid loses a spot.

        Returns:
            Whether it was not there yet; if it was, nothing was written.
        """
        ...

    async def hold(self, program_id: ProgramId, purchase_id: PurchaseId) -> bool:
        """Let a purchase hold a spot, whatever the limit says; once however often.

        Returns:
            Whether it did not hold one yet.
        """
        ...
