"""All purchases, for admins: look for them, and see what happened to one."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Final, Literal

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from application.ports.archive import ArchiveQuery
from application.preview_refund import PreviewRefund
from application.view_archive import ViewArchive
from domain.ids import ProgramId
from domain.purchase import Status
from entrypoints.http import samples
from entrypoints.http.admin_purchases import AMOUNT_MAX
from entrypoints.http.archive_shapes import (
    ArchiveShape,
    PurchaseFileShape,
    RefundPreviewShape,
    archive_shape,
)
from entrypoints.http.auth import ADMIN_ONLY
from entrypoints.http.openapi import refusals
from entrypoints.http.paths import WHOLE_ID_PATTERN, to_purchase_id
from entrypoints.http.shapes import (
    ON_THE_WIRE,
    PAGE_SIZE,
    PageNumber,
    PageSize,
    Success,
    WireStatus,
)

SEARCH_MAX: Final = 254  # letters of the longest address
A_DAY: Final = timedelta(days=1)

Search = Annotated[
    str,
    QueryParameter(
        name="search",
        max_length=SEARCH_MAX,
        description="A whole id, order number, e-mail address, session or payment; or"
        " the beginning of a buyer's name or a program's title.",
    ),
]
WantedStatus = Annotated[WireStatus | None, QueryParameter(name="status")]
WantedProgram = Annotated[
    str | None, QueryParameter(name="programId", pattern=WHOLE_ID_PATTERN)
]
WantedRep = Annotated[bool | None, QueryParameter(name="isClassRep")]
Money = Annotated[
    Literal["open", "troubled"] | None,
    QueryParameter(
        name="money",
        description="open: some has yet to go back; troubled: some waits for a human"
        " or a bank.",
    ),
]
FirstDay = Annotated[
    date | None,
    QueryParameter(name="from", description="The first day, in UTC, it was begun on."),
]
LastDay = Annotated[
    date | None, QueryParameter(name="to", description="The last day, in UTC.")
]
Amount = Annotated[int | None, QueryParameter(name="amount", ge=1, le=AMOUNT_MAX)]

# Whether the last refund came to nothing tells these two apart.
REFUND_FAILED: Final = {WireStatus.COMPLETED: False, WireStatus.REFUND_FAILED: True}


class ArchiveController(Controller):
    path = "/api/admin/purchases"
    tags = ("Admin",)
    opt = {ADMIN_ONLY: True}  # noqa: RUF012  # Litestar's own way to say it

    @get(
        responses=refusals(samples.NOT_ADMIN, samples.BAD_QUERY),
        summary="Look for purchases, the newest first",
    )
    async def purchases(
        self,
        *,
        view_archive: NamedDependency[ViewArchive],
        search: Search = "",
        status: WantedStatus = None,
        program_id: WantedProgram = None,
        is_class_rep: WantedRep = None,
        money: Money = None,
        since: FirstDay = None,
        until: LastDay = None,
        page: PageNumber = 1,
        page_size: PageSize = PAGE_SIZE,
    ) -> Success[ArchiveShape]:
        """Every filter narrows; a search means the first thing that it names.

        Paging reaches the newest 10,000 of what fits.
        """
        query = ArchiveQuery(
            search=search.strip(),
            statuses=_statuses(status),
            refund_failed=REFUND_FAILED.get(status) if status else None,
            program_id=ProgramId(program_id) if program_id else None,
            is_class_rep=is_class_rep,
            has_open_money=money == "open",
            is_troubled=money == "troubled",
            since=_beginning(since),
            until=_end(until),
        )
        found = await view_archive.page(query, page=page, size=page_size)
        return Success(data=archive_shape(found, page=page, size=page_size))

    @get(
        "/{purchase_id:str}",
        responses=refusals(samples.NOT_ADMIN, samples.NO_PURCHASE, samples.UNREADABLE),
        summary="Show one purchase, and what happened to it",
    )
    async def one(
        self,
        purchase_id: FromPath[str],
        view_archive: NamedDependency[ViewArchive],
    ) -> Success[PurchaseFileShape]:
        history = await view_archive.one(to_purchase_id(purchase_id))
        return Success(data=PurchaseFileShape.of(history))

    @get(
        "/{purchase_id:str}/refund-preview",
        responses=refusals(samples.NOT_ADMIN, samples.NO_PURCHASE, samples.BAD_QUERY),
        summary="Say what a refund would do, and do nothing",
    )
    async def refund_preview(
        self,
        purchase_id: FromPath[str],
        preview_refund: NamedDependency[PreviewRefund],
        amount: Amount = None,
    ) -> Success[RefundPreviewShape]:
        """Without an amount, of all that is left."""
        effect = await preview_refund(to_purchase_id(purchase_id), amount=amount)
        return Success(data=RefundPreviewShape.of(effect))


def _statuses(wanted: WireStatus | None) -> frozenset[Status]:
    """Return where a purchase may stand to be shown so; none for no matter where."""
    if wanted is WireStatus.REFUND_FAILED:
        return frozenset({Status.COMPLETED})
    return frozenset(s for s, shown in ON_THE_WIRE.items() if shown is wanted)


def _beginning(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), UTC)


def _end(day: date | None) -> datetime | None:
    """Return when a day is over; the last one that there is never is."""
    beginning = _beginning(day)
    is_last = day == date.max
    return None if beginning is None or is_last else beginning + A_DAY
