"""What happened around a purchase is remembered, and nobody waits for it."""

from dataclasses import replace
from datetime import timedelta

from application.ports.hearing import Heard
from application.ports.trail import TrailEntry, TrailKind
from tests.contracts.examples import MINUTE, NOON, SECOND
from tests.contracts.storage import Storage

CALLED = TrailEntry(
    kind=TrailKind.CALL,
    what="create_session",
    at=NOON,
    subjects=("one", "cs_1"),
    facts={"outcome": "answered", "ms": 12.5, "tries": 1, "is_new": True, "x": None},
)
LATER = replace(CALLED, what="get_session", at=NOON + MINUTE, subjects=("cs_1",))


async def told(storage: Storage, *subjects: str, limit: int = 9) -> list[TrailEntry]:
    return list(await storage.trail.of(subjects, limit=limit))


async def test_it_is_known_before_it_is_written_and_after(storage: Storage) -> None:
    storage.trail.note(LATER)
    before = await told(storage, "cs_1")
    storage.trail.note(CALLED)
    await storage.trail.flush()

    assert before == [LATER]
    assert await told(storage, "cs_1") == [CALLED, LATER]
    assert await told(storage, "one") == [CALLED]
    assert await told(storage, "one", "cs_1") == [CALLED, LATER]
    assert await told(storage, "two") == []


async def test_of_a_long_history_the_newest_is_told(storage: Storage) -> None:
    entries = [replace(CALLED, at=NOON + n * SECOND) for n in range(5)]
    for entry in entries[:3]:
        storage.trail.note(entry)
    await storage.trail.flush()
    for entry in entries[3:]:
        storage.trail.note(entry)

    assert await told(storage, "one", limit=3) == entries[2:]


async def test_the_last_event_heard_is_the_latest(storage: Storage) -> None:
    early = Heard(at=NOON, created_at=NOON - MINUTE)
    late = Heard(at=NOON + SECOND, created_at=NOON)
    assert await storage.hearing.last() is None

    storage.hearing.note(late)
    assert await storage.hearing.last() == late
    await storage.hearing.flush()
    storage.hearing.note(early)
    assert await storage.hearing.last() == late
    await storage.hearing.flush()

    assert await storage.hearing.last() == late
    assert late.lag == SECOND


def test_an_event_from_the_future_was_not_late() -> None:
    assert Heard(at=NOON, created_at=NOON + MINUTE).lag == timedelta()
