"""Purchases that wait to be driven, in the order in which they fell due.

One that was never claimed fell due when it moved last, another when its claim ended.
Each kind is one plain range of one index, in that index's order, so that a look costs
what it returns however long the queue is.  The embedded server is the exception: it
reads the whole range to return its beginning.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from adapters.mongo.documents import PurchaseDocument
from adapters.mongo.errors import storage_errors

Row = Mapping[str, Any]

CLAIM: Final = "drive.until"
MOVED: Final = "updated_at"

# The embedded server forgets the end of `$lte` over a field amid an index.
TICK: Final = timedelta(milliseconds=1)  # what a date holds


def unclaimed(at: datetime) -> dict[str, Any]:
    return {CLAIM: {"$not": {"$gt": at}}}


async def first_due(
    queues: Sequence[Row], *, at: datetime, fields: Sequence[str], limit: int
) -> list[Row]:
    """Return the first of these queues together, each given by equalities.

    One look for each: one with `$in` or `$or` scans on the embedded server.
    """
    shown = dict.fromkeys((*fields, MOVED, "drive"), 1)
    looks = [
        _read({**queue, **due}, shown, sort=sort, limit=limit)
        for queue in queues
        for due, sort in (({CLAIM: None}, MOVED), ({CLAIM: {"$lt": at + TICK}}, CLAIM))
    ]
    found = [row for rows in await asyncio.gather(*looks) for row in rows]
    return sorted(found, key=_due_at)[:limit]


def failures(row: Row) -> int:
    """Return how often it was driven in vain."""
    counted: int = row.get("drive", {}).get("failures", 0)
    return counted


async def _read(only_if: Row, shown: Row, *, sort: str, limit: int) -> list[Row]:
    with storage_errors():
        return await (
            PurchaseDocument.get_pymongo_collection()
            .find(only_if, shown)
            .sort(sort)
            .limit(limit)
            .to_list()
        )


def _due_at(row: Row) -> datetime:
    due_at: datetime = row.get("drive", {}).get("until") or row[MOVED]
    return due_at
