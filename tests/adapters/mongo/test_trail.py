"""The trail and the last event heard, as only the database's adapter can get wrong."""

from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from adapters.mongo.hearing import MongoHearing
from adapters.mongo.trail import MongoTrail
from application.ports.hearing import Heard
from tests.adapters.mongo.conftest import Mongo
from tests.contracts.examples import NOON
from tests.contracts.test_trail import CALLED, LATER


async def test_to_note_costs_nothing_and_to_keep_one_trip(mongo: Mongo) -> None:
    trail, hearing = MongoTrail(), MongoHearing()
    await trail.flush()
    await hearing.flush()
    for _ in range(50):
        trail.note(CALLED)
        hearing.note(Heard(at=NOON, created_at=NOON))
    assert mongo.trips.commands == []

    await trail.flush()
    await hearing.flush()
    assert mongo.trips.commands == ["insert", "update"]

    await trail.of(["one", "cs_1", "pi_1"], limit=100)
    await hearing.last()
    assert mongo.trips.commands[2:] == ["find", "find"]


async def test_written_twice_it_is_there_once(mongo: Mongo) -> None:
    """As after an answer that was lost: it is not forgotten, and written again."""
    trail = MongoTrail()
    trail.note(CALLED)
    waiting = dict(trail._waiting)  # what a lost answer leaves
    await trail.flush()
    trail._waiting.update(waiting)
    trail.note(LATER)

    await trail.flush()

    assert await mongo.rows("trail").count_documents({}) == 2


@pytest.mark.usefixtures("mongo")
async def test_nobody_crowds_the_others_out() -> None:
    trail = MongoTrail(room=4, of_one=2)
    for subject in ("one", "one", "one", "two", "three", "four"):
        trail.note(replace(CALLED, subjects=(subject,)))

    with capture_logs() as lines:
        await trail.flush()
        await trail.flush()
    kept = await trail.of(["one", "two", "three", "four"], limit=9)

    subjects = sorted(entry.subjects[0] for entry in kept)
    assert subjects == ["one", "one", "three", "two"]
    assert [line["entries"] for line in lines] == [2]
    trail.note(replace(CALLED, subjects=("four",)))
    assert len(await trail.of(["four"], limit=9)) == 1


async def test_an_odd_row_hides_no_other(mongo: Mongo) -> None:
    await mongo.rows("trail").insert_one(
        {"_id": "odd", "subjects": ["one"], "at": NOON}
    )
    trail = MongoTrail()
    trail.note(CALLED)

    assert await trail.of(["one"], limit=9) == [CALLED]
