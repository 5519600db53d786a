import asyncio
from collections.abc import Collection, Mapping, Sequence
from itertools import chain
from typing import Any, Final

import structlog

from adapters.mongo.changes import MAIL, NOTICES
from adapters.mongo.documents import ProgramDocument, PurchaseDocument
from adapters.mongo.errors import storage_errors
from adapters.mongo.money import OPEN, TROUBLED
from adapters.mongo.purchases import WITHOUT_LOG, to_purchase
from application.ports.survey import SurveyedPurchase, UnreadablePurchase
from domain.class_rep import HOLDERS_MAX
from domain.differences import BETWEEN
from domain.errors import DomainError
from domain.ids import ProgramId, PurchaseId
from domain.outbox import MailState
from domain.purchase import LIVE, OWNED, Status
from domain.spot_books import SpotBook

# A look-up for each: one with `$or` scans on the embedded server.
RESTLESS: Final[Sequence[Mapping[str, Any]]] = (
    *({"status": status} for status in sorted(BETWEEN)),
    {OPEN: True},
    {TROUBLED: True},
    {f"{MAIL}.state": MailState.DEAD},
    {f"{NOTICES}.state": MailState.DEAD},
)
FETCHED_AT_ONCE: Final = 1000  # in one trip; the server would send 101 first
HOLDING: Final = sorted(LIVE - {Status.CREATING})
OWN_INTENT: Final = "paid.payment_intent"
EXTRA_INTENT: Final = "extra_payments.payment_intent"
BOOK: Final = {"spots": 1, "class_rep_count": 1}

log = structlog.get_logger(__name__)


class MongoSurvey:
    async def restless(
        self, *, after: PurchaseId | None, limit: int
    ) -> Sequence[SurveyedPurchase]:
        later = {} if after is None else {"_id": {"$gt": after}}
        of_each = await asyncio.gather(
            *(_first({**why, **later}, limit) for why in RESTLESS)
        )
        rows = {row["_id"]: row for row in chain.from_iterable(of_each)}
        return [surveyed(rows[id_]) for id_ in sorted(rows)[:limit]]

    async def among(
        self, purchase_ids: Collection[PurchaseId]
    ) -> Sequence[SurveyedPurchase]:
        found = await _all({"_id": {"$in": list(purchase_ids)}})
        return [surveyed(row) for row in found]

    async def paid_by(
        self, payment_intents: Collection[str]
    ) -> Mapping[str, SurveyedPurchase]:
        wanted = {"$in": sorted(payment_intents)}
        # Two plain look-ups: one with `$or` scans on the embedded server.
        own, extra = await asyncio.gather(
            *(_all({place: wanted}) for place in (OWN_INTENT, EXTRA_INTENT))
        )
        return {
            intent: surveyed(row)
            for row in (*own, *extra)
            for intent in _intents_of(row) & set(payment_intents)
        }

    async def live_reps(self, program_id: ProgramId) -> frozenset[PurchaseId]:
        # The status is compared here: an equality alone lets the embedded server, too,
        # read these few by their index; beside a list it reads all of the program.
        only_if = {"program_id": program_id, "live": True, "quote.class_rep": True}
        with storage_errors():
            found = await (
                PurchaseDocument.get_pymongo_collection()
                .find(only_if, {"status": 1})
                .batch_size(HOLDERS_MAX)
                .to_list()
            )
        return frozenset(
            PurchaseId(row["_id"]) for row in found if row.get("status") in HOLDING
        )

    async def spot_books(
        self, *, after: ProgramId | None, limit: int
    ) -> Sequence[SpotBook]:
        only_if = {} if after is None else {"_id": {"$gt": after}}
        with storage_errors():
            found = await (
                ProgramDocument.get_pymongo_collection()
                .find(only_if, BOOK)
                .sort([("_id", 1)])
                .limit(limit)
                .to_list()
            )
        return [_book(row) for row in found]

    async def spot_book(self, program_id: ProgramId) -> SpotBook | None:
        with storage_errors():
            found = await ProgramDocument.get_pymongo_collection().find_one(
                {"_id": program_id}, BOOK
            )
        return None if found is None else _book(found)

    async def paid_spots(
        self, program_ids: Collection[ProgramId]
    ) -> Mapping[ProgramId, int]:
        only_if = {
            "program_id": {"$in": sorted(program_ids)},
            "live": True,
            "quote.class_rep": True,
            "status": {"$in": sorted(OWNED)},
        }
        counted = {"_id": "$program_id", "paid": {"$sum": 1}}
        with storage_errors():
            cursor = await PurchaseDocument.get_pymongo_collection().aggregate(
                [{"$match": only_if}, {"$group": counted}]
            )
            found = await cursor.to_list()
        return {ProgramId(row["_id"]): row["paid"] for row in found}


async def _all(only_if: Mapping[str, Any]) -> list[dict[str, Any]]:
    with storage_errors():
        return await (
            PurchaseDocument.get_pymongo_collection()
            .find(only_if, WITHOUT_LOG)
            .batch_size(FETCHED_AT_ONCE)
            .to_list()
        )


async def _first(only_if: Mapping[str, Any], limit: int) -> list[dict[str, Any]]:
    with storage_errors():
        return await (
            PurchaseDocument.get_pymongo_collection()
            .find(only_if, WITHOUT_LOG)
            .sort([("_id", 1)])
            .limit(limit)
            .batch_size(limit)
            .to_list()
        )


def surveyed(row: Mapping[str, Any]) -> SurveyedPurchase:
    """Read a row; one that cannot be read hides no other."""
    try:
        return to_purchase(row)
    except (ValueError, DomainError) as error:  # pydantic's is a ValueError
        log.exception("purchase unreadable", purchase_id=row["_id"])
        return UnreadablePurchase(id=row["_id"], why=type(error).__name__)


def _intents_of(row: Mapping[str, Any]) -> set[str]:
    payments = [row.get("paid") or {}, *row.get("extra_payments", ())]
    return {each["payment_intent"] for each in payments if "payment_intent" in each}


def _book(row: Mapping[str, Any]) -> SpotBook:
    return SpotBook(
        program_id=ProgramId(row["_id"]),
        holders=tuple(map(PurchaseId, row.get("spots", ()))),
        count=row.get("class_rep_count", 0),
    )
