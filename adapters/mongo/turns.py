from datetime import datetime

from pymongo.errors import DuplicateKeyError

from adapters.mongo.documents import TurnDocument
from adapters.mongo.errors import storage_errors


class MongoTurns:
    async def take(self, job: str, *, by: str, at: datetime, until: datetime) -> bool:
        turns = TurnDocument.get_pymongo_collection()
        try:
            with storage_errors():
                # Where it matches nothing it inserts, and if the job is there after
                # all, because another holds it, its id refuses.
                await turns.update_one(
                    {"_id": job, "until": {"$not": {"$gt": at}}},
                    {"$set": {"until": until, "holder": by}},
                    upsert=True,
                )
        except DuplicateKeyError:
            return False
        return True

    async def give_back(self, job: str, *, by: str, at: datetime) -> None:
        with storage_errors():
            await TurnDocument.get_pymongo_collection().update_one(
                {"_id": job, "holder": by}, {"$set": {"until": at}}
            )

    async def mark(self, job: str) -> datetime | None:
        with storage_errors():
            found = await TurnDocument.get_pymongo_collection().find_one({"_id": job})
        if found is None:
            return None
        document: TurnDocument = TurnDocument.model_validate(found)
        return document.mark

    async def move_mark(self, job: str, *, to: datetime) -> None:
        with storage_errors():
            await TurnDocument.get_pymongo_collection().update_one(
                {"_id": job}, {"$max": {"mark": to}}, upsert=True
            )
