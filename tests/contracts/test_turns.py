import asyncio

from tests.contracts.examples import MINUTE, NOON
from tests.contracts.storage import (
    NEVER_YIELDS,
    NO_UNIQUE_INDEXES,
    Storage,
    beyond_mongomock,
)

JOB = "listen"
LATER = NOON + MINUTE


@beyond_mongomock(NO_UNIQUE_INDEXES)
async def test_a_turn_is_one_instances_until_it_is_over(storage: Storage) -> None:
    take = storage.turns.take

    assert await take(JOB, by="one", at=NOON, until=LATER)
    assert not await take(JOB, by="two", at=NOON, until=LATER)
    assert not await take(JOB, by="one", at=NOON, until=LATER)
    assert await take("another job", by="two", at=NOON, until=LATER)
    assert await take(JOB, by="two", at=LATER, until=LATER + MINUTE)


@beyond_mongomock(NO_UNIQUE_INDEXES)
async def test_a_turn_that_is_given_back_is_anybodys_and_only_its_holder_can(
    storage: Storage,
) -> None:
    take, give_back = storage.turns.take, storage.turns.give_back
    await give_back(JOB, by="one", at=NOON)
    assert await take(JOB, by="one", at=NOON, until=LATER)

    await give_back(JOB, by="two", at=NOON)
    assert not await take(JOB, by="two", at=NOON, until=LATER)

    await give_back(JOB, by="one", at=NOON)
    assert await take(JOB, by="two", at=NOON, until=LATER)


@beyond_mongomock(NEVER_YIELDS)
async def test_of_fifty_instances_one_gets_the_turn(storage: Storage) -> None:
    told = await asyncio.gather(
        *(storage.turns.take(JOB, by=f"{n}", at=NOON, until=LATER) for n in range(50))
    )

    assert told.count(True) == 1


async def test_a_mark_never_moves_back(storage: Storage) -> None:
    assert await storage.turns.mark(JOB) is None

    await storage.turns.move_mark(JOB, to=LATER)
    await storage.turns.move_mark(JOB, to=NOON)

    assert await storage.turns.mark(JOB) == LATER
    assert await storage.turns.mark("another job") is None
