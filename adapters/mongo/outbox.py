import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from adapters.mongo.changes import MAIL, mail_fields, replacing
from adapters.mongo.documents import PurchaseDocument
from adapters.mongo.errors import storage_errors
from adapters.mongo.purchases import WITHOUT_LOG, to_purchase, update_purchase
from domain.ids import PurchaseId
from domain.outbox import MailState, OutgoingMail
from domain.purchase import Purchase


class MongoConfirmationOutbox:
    async def due(self, *, at: datetime, limit: int) -> Sequence[Purchase]:
        # Two plain look-ups: one with `$in` scans on the embedded server.
        waiting, abandoned = await asyncio.gather(
            self._in_state(MailState.DUE, at, limit),
            self._in_state(MailState.LEASED, at, limit),
        )
        found = sorted([*waiting, *abandoned], key=_until)
        return [to_purchase(row) for row in found[:limit]]

    async def swap(
        self, purchase_id: PurchaseId, before: OutgoingMail, after: OutgoingMail
    ) -> bool:
        as_read = {"_id": purchase_id, **mail_fields(before)}
        return await update_purchase(as_read, replacing(mail_fields(after)))

    async def _in_state(
        self, state: MailState, at: datetime, limit: int
    ) -> list[dict[str, Any]]:
        with storage_errors():
            return await (
                PurchaseDocument.get_pymongo_collection()
                .find(
                    {f"{MAIL}.state": state, f"{MAIL}.until": {"$lte": at}}, WITHOUT_LOG
                )
                .sort(f"{MAIL}.until")
                .limit(limit)
                .to_list()
            )


def _until(row: Mapping[str, Any]) -> datetime:
    until: datetime = row["effects"]["confirm"]["until"]
    return until
