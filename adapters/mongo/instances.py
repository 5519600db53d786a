from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pymongo.errors import DuplicateKeyError

from adapters.mongo.connection import Client
from adapters.mongo.errors import storage_errors
from adapters.mongo.indexes import INSTANCES
from adapters.mongo.odd_rows import readable_of
from application.ports.instances import Instance

LISTED_MAX: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class MongoInstances:
    client: Client
    database: str

    async def beat(self, instance: Instance) -> None:
        ours = {
            "seen_at": instance.seen_at,
            "lock": instance.lock,
            "since": instance.since,
        }
        try:
            with storage_errors():
                # Where a newer beat is there already it matches nothing, inserts, and
                # the id refuses.
                await self.client[self.database][INSTANCES].update_one(
                    {
                        "_id": instance.name,
                        "seen_at": {"$not": {"$gt": instance.seen_at}},
                    },
                    {
                        "$set": ours,
                        "$unset": {"ended_at": ""},
                    },
                    upsert=True,
                )
        except DuplicateKeyError:
            return

    async def forget(self, name: str, *, seen_by: datetime) -> None:
        with storage_errors():
            await self.client[self.database][INSTANCES].update_one(
                {"_id": name, "seen_at": {"$lte": seen_by}},
                {"$set": {"ended_at": seen_by}},
            )

    async def seen_since(self, since: datetime) -> Sequence[Instance]:
        with storage_errors():
            rows = await (
                self.client[self.database][INSTANCES]
                .find({"seen_at": {"$gte": since}, "ended_at": None})
                .sort("_id")
                .limit(LISTED_MAX)
                .to_list()
            )
        return list(readable_of(rows, _instance))


def _instance(row: Mapping[str, Any]) -> Instance:
    return Instance(
        name=row["_id"],
        lock=str(row.get("lock", "memory")),
        seen_at=row["seen_at"],
        since=row.get("since"),
    )
