"""Who holds the class-rep spots of a program, and until when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from application.ports.programs import ProgramNotFound
from application.ports.survey import Survey
from domain.ids import ProgramId, PurchaseId
from domain.purchase import Purchase


class SpotKind(StrEnum):
    """`stray`: nobody should hold it; reconcile gives it back within minutes."""

    HELD = "held"
    PAID = "paid"
    STRAY = "stray"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One spot; `purchase` is None where there is none, or none that can be read."""

    purchase_id: PurchaseId
    purchase: Purchase | None

    @property
    def kind(self) -> SpotKind:
        if self.purchase is None or not self.purchase.holds_a_spot:
            return SpotKind.STRAY
        return SpotKind.PAID if self.purchase.is_owned else SpotKind.HELD

    @property
    def until(self) -> datetime | None:
        """Return when the checkout is over; None while that is open: paid, or nearly.

        The spot is free once the provider says that nobody paid, within minutes.
        """
        purchase = self.purchase
        if purchase is None or self.kind is not SpotKind.HELD or purchase.is_processing:
            return None
        if purchase.session is not None:
            return purchase.session.expires_at
        return purchase.request.expires_at if purchase.request else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpotsPage:
    items: tuple[Spot, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewSpots:
    survey: Survey

    async def __call__(
        self, program_id: ProgramId, *, page: int, size: int
    ) -> SpotsPage:
        """Return the spots that are taken, in the order in which they were.

        Raises:
            ProgramNotFound: no such program.
            StorageUnavailable: ask again.
        """
        book = await self.survey.spot_book(program_id)
        if book is None:
            raise ProgramNotFound(program_id)
        ids = book.holders[(page - 1) * size : page * size]
        found = await self._purchases(ids)
        return SpotsPage(
            items=tuple(Spot(purchase_id=i, purchase=found.get(i)) for i in ids),
            total=len(book.holders),
        )

    async def _purchases(
        self, ids: tuple[PurchaseId, ...]
    ) -> Mapping[PurchaseId, Purchase]:
        rows = await self.survey.among(ids) if ids else ()
        return {row.id: row for row in rows if isinstance(row, Purchase)}
