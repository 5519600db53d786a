import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from operator import attrgetter
from typing import Any, Final

import structlog
from pymongo.errors import DuplicateKeyError

from adapters.mongo.documents import EventDocument
from adapters.mongo.errors import storage_errors
from adapters.mongo.pages import read_page
from application.ports.event_log import EventFacts, EventState, HeldEvent
from application.ports.pages import Page
from application.ports.storage import StorageUnavailable

HELD: Final = (EventState.QUARANTINED, EventState.GIVEN_UP)
TRIES_MAX: Final = 3

log = structlog.get_logger(__name__)


class MongoEventLog:
    async def quarantine(
        self, event: EventFacts, *, why: str, at: datetime, until: datetime
    ) -> bool:
        for _ in range(TRIES_MAX):
            if await self._begin(event, why=why, at=at, until=until):
                return True
            if await _update({"_id": event.id, **_is_held()}, {"$set": {"why": why}}):
                return False
            # Held by one write and not by the next: somebody resolved it in between.
        raise StorageUnavailable

    async def due(self, *, at: datetime, limit: int) -> Sequence[HeldEvent]:
        only_if = {"state": EventState.QUARANTINED, "until": {"$lte": at}}
        return await _found(only_if, sort="until", limit=limit)

    async def claim(self, held: HeldEvent, *, at: datetime, until: datetime) -> bool:
        return await _update(
            _is_at(held, tries=held.tries),
            {"$set": {"last_tried": at, "until": until}, "$inc": {"tries": 1}},
        )

    async def put_off(
        self, held: HeldEvent, *, until: datetime, why: str | None = None
    ) -> bool:
        reason = {} if why is None else {"why": why}
        return await _update(
            _is_at(held, tries=held.tries + 1), {"$set": {"until": until, **reason}}
        )

    async def resolve(self, event_id: str, *, outcome: str, at: datetime) -> bool:
        return await _update(
            {"_id": event_id, **_is_held()},
            {
                "$set": {
                    "state": EventState.RESOLVED,
                    "outcome": outcome,
                    "ended_at": at,
                }
            },
        )

    async def give_up(self, event_id: str, *, at: datetime) -> bool:
        return await _update(
            {"_id": event_id, "state": EventState.QUARANTINED},
            {"$set": {"state": EventState.GIVEN_UP, "last_tried": at}},
        )

    async def note(self, event: EventFacts, *, outcome: str, at: datetime) -> None:
        row = {
            **_facts(event),
            "state": EventState.NOTED,
            "outcome": outcome,
            "first_seen": at,
            "ended_at": at,
        }
        with storage_errors():
            await EventDocument.get_pymongo_collection().update_one(
                {"_id": event.id}, {"$setOnInsert": row}, upsert=True
            )

    async def get(self, event_id: str) -> HeldEvent | None:
        found = await _found({"_id": event_id, **_is_held()}, limit=1)
        return found[0] if found else None

    async def held(self, *, limit: int) -> Sequence[HeldEvent]:
        # A look-up for each: one with `$in` scans on the embedded server.
        of_each = await asyncio.gather(
            *(_found({"state": s}, sort="first_seen", limit=limit) for s in HELD)
        )
        found = chain.from_iterable(of_each)
        return sorted(found, key=attrgetter("first_seen"))[:limit]

    async def page(self, *, page: int, size: int) -> Page[HeldEvent]:
        found, total = await read_page(
            EventDocument,
            _is_held(),
            sort=[("first_seen", 1), ("_id", 1)],
            without={},
            page=page,
            size=size,
        )
        return Page(items=tuple(_readable(found)), total=total)

    async def _begin(
        self, event: EventFacts, *, why: str, at: datetime, until: datetime
    ) -> bool:
        """Hold what is not held, and say whether that was so."""
        row = {
            **_facts(event),
            "state": EventState.QUARANTINED,
            "why": why,
            "first_seen": at,
            "last_tried": at,
            "until": until,
            "tries": 0,
        }
        try:
            with storage_errors():
                # Where it matches nothing it inserts, and if the event is there after
                # all, because it is held, its id refuses.
                await EventDocument.get_pymongo_collection().update_one(
                    {"_id": event.id, "state": {"$nin": list(HELD)}},
                    {"$set": row, "$unset": {"ended_at": "", "outcome": ""}},
                    upsert=True,
                )
        except DuplicateKeyError:
            return False
        return True


def _is_held() -> dict[str, Any]:
    return {"state": {"$in": list(HELD)}}


def _is_at(held: HeldEvent, *, tries: int) -> dict[str, Any]:
    """Match it if it is tried by itself, and has been just as often."""
    return {
        "_id": held.event.id,
        "state": EventState.QUARANTINED,
        "tries": tries,
        "first_seen": held.first_seen,
    }


def _facts(event: EventFacts) -> dict[str, Any]:
    facts = {
        "kind": event.kind,
        "object_id": event.object_id,
        "payment_intent": event.payment_intent,
        "purchase_id": event.purchase_id,
    }
    return {name: value for name, value in facts.items() if value is not None}


async def _update(only_if: Mapping[str, Any], update: Mapping[str, Any]) -> bool:
    with storage_errors():
        result = await EventDocument.get_pymongo_collection().update_one(
            only_if, update
        )
    return result.matched_count == 1


async def _found(
    only_if: Mapping[str, Any], *, sort: str = "_id", limit: int
) -> list[HeldEvent]:
    with storage_errors():
        rows = await (
            EventDocument.get_pymongo_collection()
            .find(only_if)
            .sort(sort)
            .limit(limit)
            .to_list()
        )
    return list(_readable(rows))


def _readable(rows: Sequence[Mapping[str, Any]]) -> Iterator[HeldEvent]:
    """Leave out what cannot be read: one odd row must not hide the others."""
    for row in rows:
        try:
            document: EventDocument = EventDocument.model_validate(row)
            yield document.to_domain()
        except ValueError:  # pydantic's is one
            log.exception("event unreadable", event_id=row["_id"])
