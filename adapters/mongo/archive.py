import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from adapters.mongo.documents import ProgramDocument, PurchaseDocument
from adapters.mongo.errors import storage_errors
from adapters.mongo.money import OPEN, TROUBLED
from adapters.mongo.purchases import WITHOUT_LOG
from adapters.mongo.survey import surveyed
from application.ports.archive import (
    DEPTH_MAX,
    ArchivePage,
    ArchiveQuery,
    LogEntry,
    PurchaseFile,
    PurchaseUnreadable,
    spellings_of,
)
from application.ports.purchases import AdminAct, PurchaseNotFound
from application.ports.survey import UnreadablePurchase
from domain.ids import PurchaseId
from domain.purchase import Status
from domain.refunds import RefundState

Filter = Mapping[str, Any]

PROGRAMS_MAX: Final = 50  # of which one title may be the beginning
BEYOND: Final = "\uffff"  # sorts behind whatever a name goes on with
GAVE_NOTHING: Final = frozenset({RefundState.FAILED, RefundState.REFUSED})
TROUBLED_MAX: Final = 1000  # looked through for a last refund that came to nothing


class MongoPurchaseArchive:
    """Reads rows by indexes; what somebody types is compared, and never a pattern."""

    async def page(self, query: ArchiveQuery, *, page: int, size: int) -> ArchivePage:
        named = await _named(query.search)
        if named is None:
            return ArchivePage(items=(), total=0)
        only_if = _all_of(await _last_refund(query), _wanted(query), named)
        before = min((page - 1) * size, DEPTH_MAX)
        rows = await _rows(only_if, before, min(size, DEPTH_MAX - before))
        is_last = len(rows) < size and (rows or page == 1)
        total = before + len(rows) if is_last else await _count(only_if)
        return ArchivePage(items=tuple(map(surveyed, rows)), total=total)

    async def file_of(self, purchase_id: PurchaseId) -> PurchaseFile:
        with storage_errors():
            row = await PurchaseDocument.get_pymongo_collection().find_one(
                {"_id": purchase_id}
            )
        if row is None:
            raise PurchaseNotFound
        purchase = surveyed(row)
        if isinstance(purchase, UnreadablePurchase):
            raise PurchaseUnreadable
        return PurchaseFile(
            purchase=purchase,
            log=tuple(map(_entry, _dated(row.get("log")))),
            acts=tuple(map(_act, _dated(row.get("acts")))),
        )


def _wanted(query: ArchiveQuery) -> dict[str, Any]:
    """Say the filters; what is not asked for is not there."""
    wanted = {
        "status": {"$in": sorted(query.statuses)} if query.statuses else None,
        "program_id": query.program_id,
        "quote.class_rep": query.is_class_rep,
        OPEN: query.has_open_money or None,
        TROUBLED: query.is_troubled or None,
        "created_at": _between(query) or None,
    }
    return {name: value for name, value in wanted.items() if value is not None}


async def _last_refund(query: ArchiveQuery) -> Filter:
    """Say by their ids whose last refund came to nothing.

    A filter of fields cannot say "the last of them"; whose money is in trouble are few,
    and they have an index.
    """
    if query.refund_failed is None:
        return {}
    failed = await refund_failed_ids()
    return {"_id": {"$in" if query.refund_failed else "$nin": failed}}


async def refund_failed_ids() -> list[str]:
    """Return the completed purchases whose last refund came to nothing."""
    with storage_errors():
        rows = await (
            PurchaseDocument.get_pymongo_collection()
            .find({TROUBLED: True, "status": Status.COMPLETED}, {"refunds.state": 1})
            .limit(TROUBLED_MAX)
            .batch_size(TROUBLED_MAX)
            .to_list()
        )
    return [row["_id"] for row in rows if _gave_nothing(row.get("refunds", ()))]


def _gave_nothing(refunds: Sequence[Mapping[str, Any]]) -> bool:
    return bool(refunds) and refunds[-1]["state"] in GAVE_NOTHING


def _all_of(*filters: Filter) -> Filter:
    """Join filters flat, for the embedded server scans for an `$and`.

    Where two speak of one field, one of them may only be about several values.
    """
    joined: dict[str, Any] = {}
    for name, value in (pair for each in filters for pair in each.items()):
        joined[name] = _both(joined[name], value) if name in joined else value
    return joined


def _both(one: Any, other: Any) -> Any:
    """Join what two filters say of one field."""
    first, second = (
        each if isinstance(each, Mapping) else {"$eq": each} for each in (one, other)
    )
    return {**first, **second}


def _between(query: ArchiveQuery) -> Filter:
    bounds = {"$gte": query.since, "$lt": query.until}
    return {name: at for name, at in bounds.items() if at is not None}


async def _named(search: str) -> Filter | None:
    """Return what a search means: the first reading that names anything, or None."""
    if not search:
        return {}
    readings = [reading async for reading in _readings(search)]
    found = await asyncio.gather(*map(_names_anything, readings))
    hits = (reading for reading, is_hit in zip(readings, found, strict=True) if is_hit)
    return next(hits, None)


async def _readings(search: str) -> AsyncIterator[Filter]:
    """Yield what the words may stand for; each is looked up by an index of its own."""
    if search.startswith("cs_"):
        yield {"session.id": search}
    elif search.startswith("pi_"):
        yield {"paid.payment_intent": search}
        yield {"extra_payments.payment_intent": search}
    elif "@" in search:
        yield {"buyer.email": {"$in": sorted({search, search.lower()})}}
    else:
        yield {"_id": search}
        yield {"order_number": search.upper()}
        yield {"user_id": search}
        spellings = list(dict.fromkeys(spellings_of(search)))
        for spelling in spellings:
            yield {"buyer.name": _begins_with(spelling)}
        for spelling in spellings:
            yield {"program_id": {"$in": await _titled(spelling)}}


def _begins_with(words: str) -> Filter:
    return {"$gte": words, "$lt": words + BEYOND}


async def _titled(words: str) -> list[str]:
    with storage_errors():
        rows = await (
            ProgramDocument.get_pymongo_collection()
            .find({"title": _begins_with(words)}, {"_id": 1})
            .limit(PROGRAMS_MAX)
            .to_list()
        )
    return [row["_id"] for row in rows]


async def _names_anything(reading: Filter) -> bool:
    with storage_errors():
        row = await PurchaseDocument.get_pymongo_collection().find_one(
            reading, {"_id": 1}
        )
    return row is not None


async def _rows(only_if: Filter, before: int, size: int) -> Sequence[Mapping[str, Any]]:
    if size <= 0:
        return []
    with storage_errors():
        return await (
            PurchaseDocument.get_pymongo_collection()
            .find(only_if, WITHOUT_LOG)
            .sort([("created_at", -1), ("_id", -1)])
            .skip(before)
            .limit(size)
            .batch_size(size)
            .to_list()
        )


async def _count(only_if: Filter) -> int:
    rows = PurchaseDocument.get_pymongo_collection()
    with storage_errors():
        if not only_if:  # the server keeps this number, and reads nothing for it
            return min(await rows.estimated_document_count(), DEPTH_MAX)
        return await rows.count_documents(only_if, limit=DEPTH_MAX)


def _dated(rows: object) -> list[Mapping[str, Any]]:
    """Return what can be told: an odd entry, or more in one, hides no purchase."""
    each = rows if isinstance(rows, list) else []
    return [
        row
        for row in each
        if isinstance(row, Mapping) and isinstance(row.get("at"), datetime)
    ]


def _entry(row: Mapping[str, Any]) -> LogEntry:
    sources = row.get("from", ())
    return LogEntry(
        at=row["at"],
        sources=tuple(map(str, sources if isinstance(sources, list) else [sources])),
        target=str(row.get("to", "")),
        by=str(row.get("by", "")),
    )


def _act(row: Mapping[str, Any]) -> AdminAct:
    said = {name: str(row.get(name, "")) for name in ("what", "by", "why")}
    return AdminAct(at=row["at"], **said)
