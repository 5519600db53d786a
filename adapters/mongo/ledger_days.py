from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from adapters.mongo.errors import storage_errors
from adapters.mongo.ledger_documents import LedgerDayDocument
from domain.day_ledger import DayLedger


class MongoLedgerDays:
    async def store(self, ledger: DayLedger, *, at: datetime) -> None:
        document = LedgerDayDocument.from_domain(ledger, at=at)
        with storage_errors():
            await LedgerDayDocument.get_pymongo_collection().update_one(
                {"_id": document.id}, {"$set": document.fields()}, upsert=True
            )

    async def find(self, day: date) -> DayLedger | None:
        with storage_errors():
            found = await LedgerDayDocument.get_pymongo_collection().find_one(
                {"_id": day.isoformat()}
            )
        return None if found is None else _to_domain(found)

    async def unequal(self, *, since: date, limit: int) -> Sequence[DayLedger]:
        # A day's name sorts as the day does.
        with storage_errors():
            rows = await (
                LedgerDayDocument.get_pymongo_collection()
                .find({"_id": {"$gte": since.isoformat()}, "equal": False})
                .sort("_id", -1)
                .limit(limit)
                .to_list()
            )
        return [_to_domain(row) for row in rows]


def _to_domain(row: Mapping[str, Any]) -> DayLedger:
    document: LedgerDayDocument = LedgerDayDocument.model_validate(row)
    return document.to_domain()
