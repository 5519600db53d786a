"""Class-rep checkouts that were let go of, as the cool-down looks at them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from adapters.mongo.documents import PurchaseDocument
from adapters.mongo.errors import storage_errors
from domain.cool_down import ABANDONED
from domain.ids import BuyerId, ProgramId
from domain.purchase import ClosedReason

WHOSE: Final = {
    "user_id": 1,
    "program_id": 1,
    "session.id": 1,
    "extra_payments.session_id": 1,
}


async def abandoned_at(
    buyer_id: BuyerId, program_id: ProgramId, *, since: datetime, limit: int
) -> Sequence[datetime]:
    """Return when a buyer abandoned checkouts of a program, newest first."""
    # What is closed and was never paid does not move again.  The status is left
    # out, so that the embedded server looks among the buyer's own purchases.
    only_if = {
        "user_id": buyer_id,
        "program_id": program_id,
        "quote.class_rep": True,
        "closed_reason": {"$in": sorted(ABANDONED)},
        "session.id": {"$exists": True},
        "extra_payments.0": {"$exists": False},
        "updated_at": {"$gt": since},
    }
    with storage_errors():
        found = await (
            PurchaseDocument.get_pymongo_collection()
            .find(only_if, {"updated_at": 1})
            .sort([("updated_at", -1)])
            .limit(limit)
            .to_list()
        )
    return [row["updated_at"] for row in found]


async def abandoned_since(
    since: datetime, *, limit: int
) -> Sequence[tuple[BuyerId, ProgramId]] | None:
    """Return whose checkouts were abandoned; None: there are too many to look at."""
    rows = [
        row
        for reason in sorted(ABANDONED)
        for row in await _ended(reason, since=since, limit=limit + 1)
    ]
    if len(rows) > limit:
        return None
    return [
        (BuyerId(row["user_id"]), ProgramId(row["program_id"]))
        for row in rows
        if row.get("session") and not row.get("extra_payments")
    ]


async def _ended(
    reason: ClosedReason, *, since: datetime, limit: int
) -> list[Mapping[str, Any]]:
    """Read class-rep checkouts that ended so, by the keys of an index and no more.

    What more is asked of a row makes the embedded server look at every purchase.
    """
    only_if = {
        "quote.class_rep": True,
        "closed_reason": reason,
        "updated_at": {"$gt": since},
    }
    with storage_errors():
        rows: list[Mapping[str, Any]] = await (
            PurchaseDocument.get_pymongo_collection()
            .find(only_if, WHOSE)
            .limit(limit)
            .to_list()
        )
    return rows
