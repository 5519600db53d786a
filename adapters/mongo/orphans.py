import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, Final

from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import DuplicateKeyError

from adapters.mongo.changes import fields_of, replacing
from adapters.mongo.due import CLAIM, failures, unclaimed
from adapters.mongo.errors import storage_errors
from adapters.mongo.odd_rows import readable_of
from adapters.mongo.orphan_documents import OrphanDocument
from adapters.mongo.pages import read_page
from adapters.mongo.parts import ExtraPaymentPart
from application.ports.orphans import OwingOrphan
from application.ports.pages import Page
from domain.ids import PurchaseId
from domain.orphans import Orphan
from domain.refunds import OPEN_EXTRAS, ExtraPaymentState

Row = dict[str, Any]

STATE: Final = "money.state"
REVISION: Final = "rev"
# An older version wrote neither of these, and owes all that it recorded.
OWED: Final = (*sorted(OPEN_EXTRAS), None)
OPEN: Final = (*sorted(set(ExtraPaymentState) - {ExtraPaymentState.DONE}), None)
UNMATCHED: Final = {"matched": {"$ne": True}}


class MongoOrphanRepository:
    async def record(self, orphan: Orphan) -> bool:
        document = OrphanDocument.from_domain(orphan).model_dump(exclude_none=True)
        document["_id"] = document.pop("id")
        try:
            with storage_errors():
                await _rows().insert_one(
                    {**document, "drive": {"until": orphan.due_at}}
                )
        except DuplicateKeyError:
            return False
        return True

    async def anonymise(self, purchase_id: PurchaseId) -> None:
        with storage_errors():
            await _rows().update_many(
                {"purchase_id": purchase_id}, {"$unset": {"payer": ""}}
            )

    async def find(self, payment: str) -> Orphan | None:
        with storage_errors():
            found = await _rows().find_one({"_id": payment})
        return None if found is None else _to_orphan(found)

    async def get(self, payment: str) -> Orphan:
        found = await self.find(payment)
        if found is None:
            raise KeyError(payment)
        return found

    async def owing(self, *, at: datetime, limit: int) -> Sequence[OwingOrphan]:
        due = {**unclaimed(at), **UNMATCHED}
        found = await _of_each(OWED, due, sort=CLAIM, limit=limit)
        return [OwingOrphan(id=row["_id"], failures=failures(row)) for row in found]

    async def open_orphans(self, *, limit: int) -> Sequence[Orphan]:
        found = await _of_each(OPEN, UNMATCHED, sort="found_at", limit=limit)
        return list(readable_of(found, _to_orphan))

    async def page(self, *, only_open: bool, page: int, size: int) -> Page[Orphan]:
        # It scans: payments of ours that nobody can name are few, or all else is wrong.
        is_open = {STATE: {"$ne": ExtraPaymentState.DONE}, **UNMATCHED}
        found, total = await read_page(
            OrphanDocument,
            is_open if only_open else {},
            sort=[("found_at", 1), ("_id", 1)],
            without={},
            page=page,
            size=size,
        )
        return Page(items=tuple(readable_of(found, _to_orphan)), total=total)

    async def claim_drive(self, payment: str, *, at: datetime, until: datetime) -> bool:
        return await _update(
            {"_id": payment, **unclaimed(at)}, {"$set": {CLAIM: until}}
        )

    async def note_drive_failure(self, payment: str) -> None:
        await _update({"_id": payment}, {"$inc": {"drive.failures": 1}})

    async def swap(self, before: Orphan, after: Orphan) -> bool:
        money = fields_of("money", ExtraPaymentPart.from_domain(after.money))
        return await _update(
            {"_id": before.id, REVISION: before.revision or {"$in": [0, None]}},
            {
                **replacing({**money, "matched": after.is_matched}),
                "$inc": {REVISION: 1},
            },
        )


def _rows() -> AsyncCollection[Row]:
    return OrphanDocument.get_pymongo_collection()


def _to_orphan(row: Mapping[str, Any]) -> Orphan:
    document: OrphanDocument = OrphanDocument.model_validate(row)
    return document.to_domain()


async def _update(only_if: Mapping[str, Any], update: Mapping[str, Any]) -> bool:
    with storage_errors():
        result = await _rows().update_one(only_if, update)
    return result.matched_count == 1


async def _of_each(
    states: Sequence[ExtraPaymentState | None],
    only_if: Mapping[str, Any],
    *,
    sort: str,
    limit: int,
) -> list[Row]:
    """Return the first of these states together.

    One look for each: one with `$in` scans on the embedded server.
    """
    with storage_errors():
        looks = [
            _rows()
            .find({STATE: state, **only_if})
            .sort([(sort, 1), ("_id", 1)])
            .limit(limit)
            .to_list()
            for state in states
        ]
        found = chain.from_iterable(await asyncio.gather(*looks))
    return sorted(found, key=lambda row: (_at(row, sort), row["_id"]))[:limit]


def _at(row: Row, sort: str) -> datetime:
    claimed_until = row.get("drive", {}).get("until") if sort == CLAIM else None
    at: datetime = claimed_until or row["found_at"]
    return at
