import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, Final

from adapters.mongo.changes import MAIL, NOTICES, mail_fields, matching, replacing
from adapters.mongo.documents import PurchaseDocument
from adapters.mongo.errors import storage_errors
from adapters.mongo.purchases import WITHOUT_LOG, readable, update_purchase
from domain.ids import PurchaseId
from domain.outbox import MailState, OutgoingMail
from domain.purchase import Purchase

OPEN_NOTICE: Final = f"{NOTICES}.open_until"
OPEN_STATES: Final = frozenset({MailState.DUE, MailState.LEASED})


class MongoMailOutbox:
    async def due(self, *, at: datetime, limit: int) -> Sequence[Purchase]:
        # Plain look-ups: one with `$in` or `$or` scans on the embedded server.
        of_each = await asyncio.gather(
            self._in_state(MailState.DUE, at, limit),
            self._in_state(MailState.LEASED, at, limit),
            _oldest({OPEN_NOTICE: {"$lte": at}}, OPEN_NOTICE, limit),
        )
        once = {row["_id"]: row for row in chain.from_iterable(of_each)}
        found = sorted(once.values(), key=_waits_since)
        return list(readable(found[:limit]))

    async def unsent(self, *, limit: int) -> Sequence[Purchase]:
        of_each = await asyncio.gather(
            *(
                _some({f"{mails}.state": state}, limit)
                for mails in (MAIL, NOTICES)
                for state in (*sorted(OPEN_STATES), MailState.DEAD)
            )
        )
        once = {row["_id"]: row for row in chain.from_iterable(of_each)}
        return list(readable(list(once.values())[:limit]))

    async def swap(
        self, purchase_id: PurchaseId, before: OutgoingMail, after: OutgoingMail
    ) -> bool:
        as_read = {"_id": purchase_id, **matching(mail_fields(before))}
        return await update_purchase(as_read, replacing(mail_fields(after)))

    async def _in_state(
        self, state: MailState, at: datetime, limit: int
    ) -> list[dict[str, Any]]:
        until = f"{MAIL}.until"
        return await _oldest(
            {f"{MAIL}.state": state, until: {"$lte": at}}, until, limit
        )


async def _some(only_if: Mapping[str, Any], limit: int) -> list[dict[str, Any]]:
    with storage_errors():
        return await (
            PurchaseDocument.get_pymongo_collection()
            .find(only_if, WITHOUT_LOG)
            .limit(limit)
            .to_list()
        )


async def _oldest(
    only_if: Mapping[str, Any], until: str, limit: int
) -> list[dict[str, Any]]:
    with storage_errors():
        return await (
            PurchaseDocument.get_pymongo_collection()
            .find(only_if, WITHOUT_LOG)
            .sort(until)
            .limit(limit)
            .to_list()
        )


def _waits_since(row: Mapping[str, Any]) -> datetime:
    """Return from when the oldest mail of a purchase, read or not, is due."""
    effects = row["effects"]
    waits: list[datetime | None] = [
        notice.get("open_until") for notice in effects.get("notices", ())
    ]
    confirm = effects.get("confirm")
    if confirm is not None and confirm["state"] in OPEN_STATES:
        waits.append(confirm["until"])
    return min(until for until in waits if until is not None)
