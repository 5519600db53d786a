from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from adapters.mongo.connection import connected, mongo_client
from adapters.mongo.instances import MongoInstances
from application.ports.instances import Instance, Instances
from entrypoints.simulation.outside.instances import InMemoryInstances
from tests.contracts.examples import MINUTE, NOON
from tests.contracts.storage import UNHURRIED


@pytest.fixture(params=["in memory", "mongo"])
async def instances(
    request: pytest.FixtureRequest, mongo_uri: str, database_name: str
) -> AsyncIterator[Instances]:
    if request.param == "in memory":
        yield InMemoryInstances()
        return
    client = mongo_client(mongo_uri, patience=UNHURRIED)
    async with connected(client, database=database_name):
        yield MongoInstances(client=client, database=database_name)


def instance(name: str, minutes: int = 0, *, lock: str = "memory") -> Instance:
    seen_at = NOON + minutes * MINUTE
    return Instance(name=name, lock=lock, seen_at=seen_at, since=NOON - MINUTE)


async def test_who_beat_lately_is_listed_by_name(instances: Instances) -> None:
    for each in (instance("two", 2, lock="redis"), instance("one", 3), instance("old")):
        await instances.beat(each)

    assert await instances.seen_since(NOON + MINUTE) == [
        instance("one", 3),
        instance("two", 2, lock="redis"),
    ]


async def test_a_late_write_makes_nobody_older(instances: Instances) -> None:
    await instances.beat(instance("one", 5))
    await instances.beat(instance("one", 5))
    await instances.beat(instance("one", 4))

    assert await instances.seen_since(NOON) == [instance("one", 5)]


async def test_what_ended_is_forgotten_by_whoever_looks(instances: Instances) -> None:
    await instances.beat(instance("one"))

    assert await instances.seen_since(NOON + timedelta(milliseconds=1)) == []


async def test_who_says_that_it_ends_is_forgotten_at_once(instances: Instances) -> None:
    for each in (instance("one", 3), instance("two", 3)):
        await instances.beat(each)

    await instances.forget("one", seen_by=NOON + 2 * MINUTE)
    assert len(await instances.seen_since(NOON)) == 2  # it beat again since

    await instances.forget("one", seen_by=NOON + 3 * MINUTE)
    await instances.forget("nobody", seen_by=NOON + 3 * MINUTE)
    assert await instances.seen_since(NOON) == [instance("two", 3)]

    await instances.beat(instance("one", 4))  # its name is used again
    assert len(await instances.seen_since(NOON)) == 2
