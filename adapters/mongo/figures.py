import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import chain
from typing import Any, Final

from adapters.mongo.archive import refund_failed_ids
from adapters.mongo.documents import ProgramDocument, PurchaseDocument
from adapters.mongo.errors import storage_errors
from adapters.mongo.money import REFUNDED
from application.ports.figures import MoneyOfDay, SpotsOfProgram, StatusCounts
from domain.ids import ProgramId
from domain.purchase import AWAITING_PAYMENT, Status
from domain.refunds import RefundState

WAITING_MAX: Final = 5_000  # class reps on their way to pay, of one status
SPOTS: Final = {"title": 1, "class_rep_limit": 1, "class_rep_count": 1}

Row = Mapping[str, Any]
Pipeline = list[Mapping[str, Any]]


class MongoFigures:
    async def status_counts(self) -> StatusCounts:
        # A look-up for each, which only walks an index.
        counts = await asyncio.gather(*map(_count, Status))
        return StatusCounts(
            by_status=dict(zip(Status, counts, strict=True)),
            refund_failed=len(await refund_failed_ids()),
        )

    async def money_by_day(self, *, since: datetime) -> Sequence[MoneyOfDay]:
        came, went = await asyncio.gather(_sums(_paid(since)), _sums(_refunded(since)))
        return [
            MoneyOfDay(
                day=date.fromisoformat(day),
                currency=currency,
                came=came[day, currency],
                went=went[day, currency],
            )
            for day, currency in sorted(came.keys() | went.keys())
        ]

    async def spots(self, *, limit: int) -> Sequence[SpotsOfProgram]:
        waiting = await asyncio.gather(*map(_waiting, sorted(AWAITING_PAYMENT)))
        held_by = Counter(row["program_id"] for row in chain.from_iterable(waiting))
        with storage_errors():
            programs = await (
                ProgramDocument.get_pymongo_collection()
                .find({"active": True}, SPOTS)
                .sort([("title", 1), ("_id", 1)])
                .limit(limit)
                .batch_size(limit)
                .to_list()
            )
        return [_spots(row, held_by[row["_id"]]) for row in programs]


def _paid(since: datetime) -> Pipeline:
    return [
        {"$match": {"completed_at": {"$gte": since}}},
        _summed("$completed_at", "$paid"),
    ]


def _refunded(since: datetime) -> Pipeline:
    """Sum up rows by their own day; the purchase's is that of the latest."""
    done = {"refunds.state": RefundState.DONE, "refunds.done_at": {"$gte": since}}
    return [
        {"$match": {REFUNDED: {"$gte": since}}},
        {"$unwind": "$refunds"},
        {"$match": done},
        _summed("$refunds.done_at", "$refunds"),
    ]


def _summed(at: str, money: str) -> Row:
    day = {"$dateToString": {"date": at, "format": "%Y-%m-%d"}}
    by = {"day": day, "currency": f"{money}.currency"}
    return {"$group": {"_id": by, "sum": {"$sum": f"{money}.amount"}}}


async def _sums(pipeline: Pipeline) -> Counter[tuple[str, str]]:
    """Return the sums by day and currency; what cost nothing has no currency."""
    with storage_errors():
        found = await PurchaseDocument.get_pymongo_collection().aggregate(pipeline)
        rows = await found.to_list()
    sums: Counter[tuple[str, str]] = Counter()
    for row in rows:
        currency = row["_id"].get("currency")
        if currency is not None:
            sums[row["_id"]["day"], currency] = row["sum"]
    return sums


async def _count(status: Status) -> int:
    with storage_errors():
        return await PurchaseDocument.get_pymongo_collection().count_documents(
            {"status": status}
        )


async def _waiting(status: Status) -> Sequence[Row]:
    with storage_errors():
        return await (
            PurchaseDocument.get_pymongo_collection()
            .find({"status": status, "quote.class_rep": True}, {"program_id": 1})
            .limit(WAITING_MAX)
            .batch_size(WAITING_MAX)
            .to_list()
        )


def _spots(row: Row, waiting: int) -> SpotsOfProgram:
    taken = row.get("class_rep_count", 0)
    held = min(waiting, taken)
    return SpotsOfProgram(
        program_id=ProgramId(row["_id"]),
        title=str(row.get("title", row["_id"])),
        limit=row.get("class_rep_limit") or None,
        held=held,
        paid=taken - held,
    )
