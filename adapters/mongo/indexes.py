"""The indexes that guard the rules; without them the service does not start.

Keys ascend: a descending key over strings misleads the embedded server.  A partial
filter is an equality or a range, which both that server and MongoDB also read through.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import pymongo
from pymongo import IndexModel
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from adapters.mongo.audit_document import AuditDocument
from adapters.mongo.documents import EventDocument, ProgramDocument, PurchaseDocument
from adapters.mongo.errors import storage_errors
from adapters.mongo.finding_document import FindingDocument
from adapters.mongo.history_documents import TrailDocument
from adapters.mongo.idempotency_document import IdempotencyDocument
from adapters.mongo.orphan_documents import OrphanDocument
from application.ports.health import StorageUnfit
from application.ports.trail import KEPT_DAYS

Database = AsyncDatabase[dict[str, Any]]

BUILD_PATIENCE: Final = timedelta(minutes=10)  # over rows that are there already
FINDINGS_KEPT: Final = timedelta(days=90)  # once they are gone
EVENTS_KEPT: Final = timedelta(days=90)  # once they are over
TRAIL_KEPT: Final = timedelta(days=KEPT_DAYS)

INSTANCES: Final = "instances"
INSTANCES_KEPT: Final = timedelta(days=1)  # once they are silent

CLASS_REP: Final = "quote.class_rep"
ONE_LIVE_PURCHASE: Final = ("user_id", "program_id")
ONE_ORDER_NUMBER: Final = ("order_number",)


def _index(name: str, *fields: str, **options: object) -> IndexModel:
    return IndexModel([(field, 1) for field in fields], name=name, **options)


# A name stands for its keys for ever: around a deploy the version before this one
# starts on the same database, and would refuse.  Other keys want another name.
INDEXES: Final[Mapping[str, Sequence[IndexModel]]] = {
    PurchaseDocument.Settings.name: (
        _index(
            "one_live_purchase",
            *ONE_LIVE_PURCHASE,
            unique=True,
            partialFilterExpression={"live": True},
        ),
        _index("one_order_number", *ONE_ORDER_NUMBER, unique=True),
        _index(
            "one_purchase_of_a_session",
            "session.id",
            unique=True,
            partialFilterExpression={"session.id": {"$gt": ""}},
        ),
        _index("by_stand", "status", "drive.until", "updated_at"),
        _index("by_status_and_id", "status", "_id"),
        _index("by_due_mail", "effects.confirm.state", "effects.confirm.until"),
        _index("by_due_notice", "effects.notices.open_until"),
        _index("by_notice", "effects.notices.state"),
        _index("by_buyer", "user_id", "created_at", "_id"),
        _index("by_payment", "paid.payment_intent"),
        _index("by_extra_payment", "extra_payments.payment_intent"),
        _index("by_debt", "open_money", "drive.until", "updated_at"),
        _index("by_trouble", "troubled", "_id"),
        _index("by_unsettled_money", "unsettled_since"),
        _index(
            "class_reps_by_end",
            CLASS_REP,
            "closed_reason",
            "updated_at",
            partialFilterExpression={CLASS_REP: True},
        ),
        _index("by_age", "created_at", "_id"),
        _index("by_program_and_age", "program_id", "created_at", "_id"),
        _index(
            "class_reps_by_age",
            CLASS_REP,
            "created_at",
            "_id",
            partialFilterExpression={CLASS_REP: True},
        ),
        _index("by_completion", "completed_at"),
        _index("by_refund", "refunded_at"),
        _index("by_address", "buyer.email"),
        _index("by_name", "buyer.name"),
        _index(
            "class_reps_of_a_program",
            "program_id",
            "live",
            "status",
            partialFilterExpression={CLASS_REP: True},
        ),
    ),
    ProgramDocument.Settings.name: (_index("by_title", "active", "title", "_id"),),
    OrphanDocument.Settings.name: (_index("by_debt", "money.state", "drive.until"),),
    FindingDocument.Settings.name: (
        _index("worst_first", "open", "rank", "first_seen", "_id"),
        _index("by_telling", "telling_until"),
        _index(
            "gone_long_ago",
            "gone_at",
            expireAfterSeconds=int(FINDINGS_KEPT.total_seconds()),
        ),
    ),
    AuditDocument.Settings.name: (
        _index("by_moment", "at", "_id"),
        _index("by_subject", "subject", "at", "_id"),
    ),
    IdempotencyDocument.Settings.name: (
        _index("forgotten_at", "expires_at", expireAfterSeconds=0),
    ),
    EventDocument.Settings.name: (
        _index("by_state", "state", "until"),
        _index(
            "over_long_ago",
            "ended_at",
            expireAfterSeconds=int(EVENTS_KEPT.total_seconds()),
        ),
    ),
    INSTANCES: (
        _index(
            "silent_long_ago",
            "seen_at",
            expireAfterSeconds=int(INSTANCES_KEPT.total_seconds()),
        ),
    ),
    TrailDocument.Settings.name: (
        _index("by_subject", "subjects", "at"),
        _index("long_ago", "at", expireAfterSeconds=int(TRAIL_KEPT.total_seconds())),
    ),
}

# What the server adds, or what changes neither answers nor refusals.
_IDLE: Final = frozenset({"v", "ns", "name", "key", "background", "hidden"})


class IndexesDiffer(StorageUnfit):
    """An index is not there as we need it; the message says what to run."""

    def __init__(
        self, collection: str, index: str, why: str, commands: Sequence[str]
    ) -> None:
        super().__init__(
            f"{index} of {collection}", f"{why}; in mongosh run: {' '.join(commands)}"
        )
        self.commands = commands


async def ensure_indexes(database: Database) -> None:
    """Create the indexes that are absent; touch none that is there.

    Raises:
        IndexesDiffer: the rows that are there break a unique index.
        StorageUnavailable: the server does not answer.
    """
    with storage_errors():
        for collection, wanted in INDEXES.items():
            present = await _present(database, collection)
            absent = [i for i in wanted if not _namesakes(i.document, present)]
            if absent:
                await _create(database, collection, absent)


async def check_indexes(database: Database) -> None:
    """Compare every index with what we need, under whatever name it goes.

    Raises:
        IndexesDiffer: one is missing or differs.
        StorageUnavailable: the server does not answer.
    """
    with storage_errors():
        for collection, wanted in INDEXES.items():
            present = await _present(database, collection)
            for index in wanted:
                if not any(_same(index.document, other) for other in present):
                    raise _differs(
                        collection, index.document, present, "is missing or differs"
                    )


async def _present(database: Database, collection: str) -> list[Mapping[str, Any]]:
    cursor = await database[collection].list_indexes()
    return [dict(index) for index in await cursor.to_list()]


async def _create(
    database: Database, collection: str, indexes: Sequence[IndexModel]
) -> None:
    with pymongo.timeout(BUILD_PATIENCE.total_seconds()):
        try:
            await database[collection].create_indexes(indexes)
        except DuplicateKeyError:
            for index in indexes:  # one by one, so that the culprit shows
                await _create_one(database, collection, index)


async def _create_one(database: Database, collection: str, index: IndexModel) -> None:
    try:
        await database[collection].create_indexes([index])
    except DuplicateKeyError as error:
        why = "cannot be made, because rows break it: mend them"
        raise _differs(collection, index.document, [], why) from error


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return _keys(one) == _keys(other) and _options(one) == _options(other)


def _namesakes(
    wanted: Mapping[str, Any], present: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """Return the indexes that stand in the way of this one, or are it."""
    return [
        other
        for other in present
        if other["name"] == wanted["name"] or _keys(other) == _keys(wanted)
    ]


def _keys(index: Mapping[str, Any]) -> list[tuple[str, object]]:
    return list(index["key"].items())


def _options(index: Mapping[str, Any]) -> dict[str, object]:
    """Return what is not the default; servers list a default or leave it out."""
    return {name: value for name, value in index.items() if name not in _IDLE and value}


def _differs(
    collection: str,
    wanted: Mapping[str, Any],
    present: Sequence[Mapping[str, Any]],
    why: str,
) -> IndexesDiffer:
    options = {"name": wanted["name"], **_options(wanted)}
    drops = [
        f"db.{collection}.dropIndex({json.dumps(other['name'])});"
        for other in _namesakes(wanted, present)
    ]
    create = (
        f"db.{collection}.createIndex({json.dumps(dict(wanted['key']))}, "
        f"{json.dumps(options)});"
    )
    return IndexesDiffer(collection, wanted["name"], why, [*drops, create])
