import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog

from adapters.mongo.changes import MAIL, mail_fields, replacing
from adapters.mongo.documents import PurchaseDocument
from adapters.mongo.errors import storage_errors
from adapters.mongo.purchases import WITHOUT_LOG, to_purchase, update_purchase
from domain.errors import DomainError
from domain.ids import PurchaseId
from domain.outbox import MailState, OutgoingMail
from domain.purchase import Purchase

log = structlog.get_logger(__name__)


class MongoConfirmationOutbox:
    async def due(self, *, at: datetime, limit: int) -> Sequence[Purchase]:
        # Two plain look-ups: one with `$in` scans on the embedded server.
        waiting, abandoned = await asyncio.gather(
            self._in_state(MailState.DUE, at, limit),
            self._in_state(MailState.LEASED, at, limit),
        )
        found = sorted([*waiting, *abandoned], key=_until)
        return list(_readable(found[:limit]))

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


def _readable(rows: Sequence[Mapping[str, Any]]) -> Iterator[Purchase]:
    """Leave out what cannot be read: one odd row must not keep back all mail."""
    for row in rows:
        try:
            yield to_purchase(row)
        except (ValueError, DomainError):  # pydantic's is a ValueError
            log.exception("purchase unreadable", purchase_id=row["_id"])


def _until(row: Mapping[str, Any]) -> datetime:
    until: datetime = row["effects"]["confirm"]["until"]
    return until
