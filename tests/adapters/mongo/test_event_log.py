"""What a document of an event holds, and for how long."""

from datetime import timedelta

from application.ports.event_log import EventFacts
from tests.adapters.mongo.conftest import Mongo
from tests.contracts.test_event_log import BARE, LATER, NOON, REFUND

NINETY_DAYS = int(timedelta(days=90).total_seconds())


async def hold(mongo: Mongo, event: EventFacts = REFUND) -> None:
    await mongo.event_log.quarantine(event, why="unknown", at=NOON, until=LATER)


async def test_only_what_is_over_is_forgotten_by_the_server(mongo: Mongo) -> None:
    indexes = await (await mongo.rows("events").list_indexes()).to_list()
    assert {
        tuple(index["key"]): index["expireAfterSeconds"]
        for index in indexes
        if "expireAfterSeconds" in index
    } == {("ended_at",): NINETY_DAYS}

    await hold(mongo)
    assert "ended_at" not in await mongo.row("events", "evt_1")

    await mongo.event_log.give_up("evt_1", at=LATER)
    assert "ended_at" not in await mongo.row("events", "evt_1")

    await mongo.event_log.resolve("evt_1", outcome="applied", at=LATER)
    assert (await mongo.row("events", "evt_1"))["ended_at"] == LATER

    await hold(mongo)
    assert "ended_at" not in await mongo.row("events", "evt_1")


async def test_a_note_is_forgotten_too(mongo: Mongo) -> None:
    await mongo.event_log.note(BARE, outcome="orphaned", at=NOON)

    row = await mongo.row("events", "evt_2")
    assert (row["outcome"], row["ended_at"]) == ("orphaned", NOON)


async def test_nothing_but_names_is_kept(mongo: Mongo) -> None:
    await hold(mongo)

    assert set(await mongo.row("events", "evt_1")) == {
        "_id",
        "kind",
        "object_id",
        "payment_intent",
        "purchase_id",
        "state",
        "why",
        "first_seen",
        "last_tried",
        "until",
        "tries",
    }


async def test_a_row_that_cannot_be_read_hides_no_other(mongo: Mongo) -> None:
    await hold(mongo)
    await hold(mongo, BARE)
    await mongo.rows("events").update_one({"_id": "evt_1"}, {"$set": {"tries": "many"}})

    due = await mongo.event_log.due(at=LATER, limit=9)
    held = await mongo.event_log.held(limit=9)

    assert [each.event.id for each in (*due, *held)] == ["evt_2", "evt_2"]
