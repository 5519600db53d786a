from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from pymongo.errors import DuplicateKeyError

from adapters.mongo.errors import storage_errors
from adapters.mongo.idempotency_document import IdempotencyDocument
from application.ports.idempotency import KeptAnswer, KeptKey

UNANSWERED: Final = {"status": {"$exists": False}}


class MongoIdempotencyKeys:
    async def begin(
        self,
        key: str,
        *,
        fingerprint: str,
        at: datetime,
        until: datetime,
        expires_at: datetime,
    ) -> bool:
        row = {"fingerprint": fingerprint, "until": until, "expires_at": expires_at}
        try:
            with storage_errors():
                # Where it matches nothing it inserts, and if the key is there after
                # all, because it is in use, its id refuses.  What has expired may be
                # there still: a server removes it in its own time.
                await IdempotencyDocument.get_pymongo_collection().update_one(
                    {"_id": key, "expires_at": {"$lte": at}},
                    {
                        "$set": row,
                        "$unset": {"status": "", "media_type": "", "body": ""},
                    },
                    upsert=True,
                )
        except DuplicateKeyError:
            return False
        return True

    async def find(self, key: str) -> KeptKey | None:
        with storage_errors():
            found = await IdempotencyDocument.get_pymongo_collection().find_one(
                {"_id": key}
            )
        if found is None:
            return None
        document: IdempotencyDocument = IdempotencyDocument.model_validate(found)
        return document.to_domain()

    async def take_over(self, key: str, *, since: datetime, until: datetime) -> bool:
        return await _update(
            {"_id": key, "until": since, **UNANSWERED}, {"until": until}
        )

    async def keep(self, key: str, answer: KeptAnswer, *, until: datetime) -> bool:
        return await _update(
            {"_id": key, "until": until, **UNANSWERED},
            {
                "status": answer.status,
                "media_type": answer.media_type,
                "body": answer.body,
            },
        )

    async def release(self, key: str, *, until: datetime, at: datetime) -> bool:
        return await _update({"_id": key, "until": until, **UNANSWERED}, {"until": at})


async def _update(only_if: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    with storage_errors():
        result = await IdempotencyDocument.get_pymongo_collection().update_one(
            only_if, {"$set": row}
        )
    return result.matched_count == 1
