"""Whoever repeats a request finds the answer of the one who was let through."""

import asyncio
from datetime import UTC, datetime, timedelta

from application.ports.idempotency import KeptAnswer, KeptKey
from tests.contracts.storage import (
    NEVER_YIELDS,
    NO_UNIQUE_INDEXES,
    Storage,
    beyond_mongomock,
)

# Far ahead, because a real server forgets by its own clock what has expired.
NOON = datetime(2126, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LATER = NOON + MINUTE
TOMORROW = NOON + timedelta(hours=24)
KEY = "ada's"
ANSWER = KeptAnswer(status=201, media_type="application/json", body=b'{"a":\x00}')


async def begin(
    storage: Storage,
    *,
    fingerprint: str = "one",
    at: datetime = NOON,
    until: datetime = LATER,
) -> bool:
    return await storage.keys.begin(
        KEY,
        fingerprint=fingerprint,
        at=at,
        until=until,
        expires_at=at + timedelta(hours=24),
    )


@beyond_mongomock(NO_UNIQUE_INDEXES)
async def test_a_key_is_taken_once(storage: Storage) -> None:
    assert await storage.keys.find(KEY) is None

    assert await begin(storage)
    assert not await begin(storage, fingerprint="two")

    assert await storage.keys.find(KEY) == KeptKey(fingerprint="one", until=LATER)


@beyond_mongomock(NEVER_YIELDS)
async def test_of_fifty_requests_one_takes_the_key(storage: Storage) -> None:
    told = await asyncio.gather(*(begin(storage) for _ in range(50)))

    assert told.count(True) == 1


async def test_an_answer_is_kept_byte_for_byte_and_once(storage: Storage) -> None:
    await begin(storage)
    other = KeptAnswer(status=409, media_type="text/plain", body=b"")

    assert await storage.keys.keep(KEY, ANSWER, until=LATER)
    assert not await storage.keys.keep(KEY, other, until=LATER)

    known = await storage.keys.find(KEY)
    assert known == KeptKey(fingerprint="one", until=LATER, answer=ANSWER)


async def test_who_lost_the_key_keeps_nothing(storage: Storage) -> None:
    await begin(storage)
    again = LATER + MINUTE

    assert await storage.keys.take_over(KEY, since=LATER, until=again)
    assert not await storage.keys.take_over(KEY, since=LATER, until=again + MINUTE)
    assert not await storage.keys.keep(KEY, ANSWER, until=LATER)
    assert not await storage.keys.release(KEY, until=LATER, at=NOON)

    assert await storage.keys.keep(KEY, ANSWER, until=again)


async def test_what_is_answered_is_not_taken_over(storage: Storage) -> None:
    await begin(storage)
    await storage.keys.keep(KEY, ANSWER, until=LATER)

    assert not await storage.keys.take_over(KEY, since=LATER, until=LATER + MINUTE)
    assert not await storage.keys.release(KEY, until=LATER, at=NOON)


async def test_a_released_key_may_be_taken_over_at_once(storage: Storage) -> None:
    await begin(storage)

    assert await storage.keys.release(KEY, until=LATER, at=NOON)

    known = await storage.keys.find(KEY)
    assert known == KeptKey(fingerprint="one", until=NOON)
    assert await storage.keys.take_over(KEY, since=NOON, until=LATER)


@beyond_mongomock(NO_UNIQUE_INDEXES)
async def test_a_day_later_the_key_is_new(storage: Storage) -> None:
    await begin(storage)
    await storage.keys.keep(KEY, ANSWER, until=LATER)
    nearly = TOMORROW - timedelta(milliseconds=1)

    assert not await begin(storage, fingerprint="two", at=nearly)
    assert await begin(storage, fingerprint="two", at=TOMORROW, until=TOMORROW + MINUTE)

    known = await storage.keys.find(KEY)
    assert known == KeptKey(fingerprint="two", until=TOMORROW + MINUTE)


async def test_an_unknown_key_is_nobodys(storage: Storage) -> None:
    assert not await storage.keys.keep(KEY, ANSWER, until=LATER)
    assert not await storage.keys.release(KEY, until=LATER, at=NOON)
    assert not await storage.keys.take_over(KEY, since=LATER, until=LATER + MINUTE)
    assert await storage.keys.find(KEY) is None
