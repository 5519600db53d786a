"""Look for spots that nobody should hold, that somebody should, and miscounted ones."""

from collections.abc import AsyncGenerator, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Final

from application.batches import in_parts
from application.inspect_purchases import unreadable
from application.inspection import Scope, the_same
from application.ports.survey import Survey, SurveyedPurchase
from domain.findings import Finding, FindingKind
from domain.ids import ProgramId, PurchaseId
from domain.purchase import Purchase
from domain.spot_books import SpotBook, in_counter, in_holders, missing_spot

PROGRAMS_AT_ONCE: Final = 20
PURCHASES_AT_ONCE: Final = 500
KINDS: Final = frozenset(
    {
        FindingKind.COUNTER_DRIFT,
        FindingKind.LEAKED_SPOT,
        FindingKind.MISSING_SPOT,
        FindingKind.STRAY_SPOT,
        FindingKind.UNREADABLE,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectSpots:
    """Compare each program's spots with the purchases that should hold them.

    The world moves between the reads, so their order matters.  Who is terminal is read
    after the spots: terminal is for ever.  Who should hold a spot is read before and
    after them: whoever was live at both moments held it in between.
    """

    survey: Survey

    @property
    def name(self) -> str:
        return "spots"

    @property
    def kinds(self) -> AbstractSet[FindingKind]:
        return KINDS

    async def findings(self, scope: Scope) -> AsyncGenerator[Finding, None]:
        """Look at every program, by id.

        Raises:
            StorageUnavailable: the rest was not seen.
        """
        last: ProgramId | None = None
        while books := await self.survey.spot_books(after=last, limit=PROGRAMS_AT_ONCE):
            for book in books:
                for finding in await self._in(book, scope):
                    yield finding
            last = books[-1].program_id

    async def again(self, finding: Finding, scope: Scope) -> Finding | None:
        """Look at the one program.

        Raises:
            StorageUnavailable: it is not known.
        """
        program_id = ProgramId(str(finding.evidence.get("program_id")))
        book = await self.survey.spot_book(program_id)
        if book is None:
            return None
        return the_same(finding, await self._in(book, scope))

    async def _in(self, book: SpotBook, scope: Scope) -> list[Finding]:
        rows = await self._purchases(book.holders)
        readable = _readable(rows)
        hidden = {row.id for row in rows} - readable.keys()
        settled = [
            holder
            for holder in book.holders
            if holder not in hidden and not _is_young(readable.get(holder), scope)
        ]
        return [
            *in_counter(book),
            *in_holders(replace(book, holders=tuple(settled)), readable),
            *(unreadable(row) for row in rows if not isinstance(row, Purchase)),
            *await self._missing(book),
        ]

    async def _missing(self, book: SpotBook) -> list[Finding]:
        should = await self.survey.live_reps(book.program_id)
        suspects = should - set(book.holders)
        if not suspects:
            return []
        # They may have taken their spots since the book was read.
        book_now = await self.survey.spot_book(book.program_id)
        held = frozenset(book_now.holders) if book_now else frozenset()
        still = _readable(await self._purchases(sorted(suspects - held)))
        return [missing_spot(each) for each in still.values() if each.holds_a_spot]

    async def _purchases(self, ids: Iterable[PurchaseId]) -> list[SurveyedPurchase]:
        found: list[SurveyedPurchase] = []
        for some in in_parts(ids, size=PURCHASES_AT_ONCE):
            found.extend(await self.survey.among(some))
        return found


def _readable(rows: Iterable[SurveyedPurchase]) -> dict[PurchaseId, Purchase]:
    return {row.id: row for row in rows if isinstance(row, Purchase)}


def _is_young(purchase: Purchase | None, scope: Scope) -> bool:
    """Say whether somebody may be about to release it, right after its end."""
    return purchase is not None and not scope.patience.is_over(purchase.updated_at)
