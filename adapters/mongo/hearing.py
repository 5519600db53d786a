from typing import Final

from pymongo.errors import DuplicateKeyError

from adapters.mongo.errors import storage_errors
from adapters.mongo.history_documents import HeardDocument
from application.ports.hearing import Heard

ROW: Final = "events"


class MongoHearing:
    """Keeps the last event in memory, and in one row that all instances share."""

    def __init__(self) -> None:
        self._waiting: Heard | None = None

    def note(self, heard: Heard) -> None:
        if self._waiting is None or self._waiting.at <= heard.at:
            self._waiting = heard

    async def flush(self) -> None:
        heard = self._waiting
        if heard is None:
            return
        await _write(heard)
        if self._waiting is heard:
            self._waiting = None

    async def last(self) -> Heard | None:
        with storage_errors():
            row = await HeardDocument.get_pymongo_collection().find_one({"_id": ROW})
        if row is None:
            return self._waiting
        document: HeardDocument = HeardDocument.model_validate(row)
        heard = document.to_heard()
        waiting = self._waiting
        return waiting if waiting and waiting.at >= heard.at else heard


async def _write(heard: Heard) -> None:
    try:
        with storage_errors():
            # Where it matches nothing it inserts, and if the row is there after all,
            # because another instance heard later, its id refuses.
            await HeardDocument.get_pymongo_collection().update_one(
                {"_id": ROW, "at": {"$not": {"$gt": heard.at}}},
                {"$set": {"at": heard.at, "created_at": heard.created_at}},
                upsert=True,
            )
    except DuplicateKeyError:
        return
