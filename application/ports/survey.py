from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from domain.ids import ProgramId, PurchaseId
from domain.purchase import Purchase
from domain.spot_books import SpotBook


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadablePurchase:
    """A row that this version cannot read: it hides no other, and is told."""

    id: PurchaseId
    why: str


SurveyedPurchase: TypeAlias = Purchase | UnreadablePurchase


class Survey(Protocol):
    """What an inspection reads, in bounded batches and without writing.

    Every call may raise `StorageUnavailable`.
    """

    async def restless(
        self, *, after: PurchaseId | None, limit: int
    ) -> Sequence[SurveyedPurchase]:
        """Return purchases that are not at rest, by id, those after one or all.

        At rest are those of which `is_restless` says no.
        """
        ...

    async def among(
        self, purchase_ids: Collection[PurchaseId]
    ) -> Sequence[SurveyedPurchase]:
        """Return those of the purchases that exist."""
        ...

    async def paid_by(
        self, payment_intents: Collection[str]
    ) -> Mapping[str, SurveyedPurchase]:
        """Return the purchase of each payment that one names, its own or an extra."""
        ...

    async def live_reps(self, program_id: ProgramId) -> frozenset[PurchaseId]:
        """Return the purchases that should hold a spot of the program."""
        ...

    async def spot_books(
        self, *, after: ProgramId | None, limit: int
    ) -> Sequence[SpotBook]:
        """Return the spots of programs, by id, those after one or all.

        The spots and the counter of one program are read in one.
        """
        ...

    async def spot_book(self, program_id: ProgramId) -> SpotBook | None:
        """Return the spots of one program; None when there is no such program."""
        ...

    async def paid_spots(
        self, program_ids: Collection[ProgramId]
    ) -> Mapping[ProgramId, int]:
        """Count the class-rep purchases that are owned; a program without is absent."""
        ...
