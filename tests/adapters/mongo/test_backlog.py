"""A queue that grew while nobody drove it: hazard 78.

TEST_BACKLOG=100000 makes it as long as the hazard says; inserting that many takes the
embedded server minutes, so a commit makes do with fewer.  Time proves nothing here:
what counts is how many trips a round makes and how many rows they bring.
"""

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

import pytest
from dependency_injector import providers

from adapters.mongo.documents import PurchaseDocument
from adapters.mongo.survey import RESTLESS
from application.drive_purchases import BATCH
from application.find_differences import FINDINGS_MAX, TOO_MANY
from application.inspect_purchases import AT_ONCE as PAGE
from application.inspect_purchases import InspectPurchases
from domain.ids import BuyerId, ProgramId
from domain.purchase import Purchase, Status
from entrypoints.use_cases import UseCases
from tests.adapters.mongo.conftest import Mongo
from tests.application.world import World
from tests.contracts.examples import NOON, purchase
from tests.servers.mongo import fresh_database, mongo_server

BACKLOG: Final = int(os.environ.get("TEST_BACKLOG", "2100"))
AT_ONCE: Final = 1_000
LOOKS: Final = 2 * 5  # fresh and claimed ones, of each status that may stand still
STEPS: Final = {"find": 1, "update": 3}  # claim, read, close, closed


@pytest.fixture(scope="module")
def mongo_uri() -> Iterator[str]:
    """A server of its own: the embedded one drops a long queue slower than it ends."""
    with mongo_server() as uri:
        yield uri


@pytest.fixture
def database_name(mongo_uri: str) -> Iterator[str]:
    if "TEST_MONGODB_URI" in os.environ:
        with fresh_database(mongo_uri) as name:
            yield name
    else:
        yield f"test_{uuid4().hex}"


def left_behind(number: int) -> Purchase:
    """Return what a checkout left that died at once, the first one the oldest."""
    name = f"p{number:06}"
    return purchase(
        name,
        buyer=BuyerId(name),
        program_id=ProgramId("choir"),
        at=NOON - timedelta(days=1) + timedelta(milliseconds=number),
        status=Status.CREATING,
    )


async def fill(number: int) -> None:
    for first in range(0, number, AT_ONCE):
        some = range(first, min(first + AT_ONCE, number))
        await PurchaseDocument.insert_many(
            [PurchaseDocument.from_domain(left_behind(n)) for n in some], ordered=False
        )


def service_on(mongo: Mongo) -> UseCases:
    world = World()
    world.clock.at = NOON
    service = world.instance()
    service.purchases.override(providers.Object(mongo.purchases))
    service.programs.override(providers.Object(mongo.programs))
    return service


async def over(mongo: Mongo) -> list[str]:
    rows = mongo.rows("purchases").find({"status": Status.CLOSED}, {"_id": 1})
    return sorted([row["_id"] async for row in rows])


def names(numbers: range) -> list[str]:
    return [left_behind(n).id for n in numbers]


def batches(replies: list[Mapping[str, Any]]) -> Iterator[int]:
    """Return how many rows each reply brought."""
    for reply in replies:
        if "cursor" in reply:
            yield len(reply["cursor"].get("firstBatch", ()))
            assert reply["cursor"]["id"] == 0  # and none is fetched after it


async def test_a_round_over_a_huge_backlog_costs_what_any_full_round_costs(
    mongo: Mongo,
) -> None:
    await fill(BACKLOG)
    service = service_on(mongo)

    for round_ in range(2):
        mongo.trips.commands.clear()
        mongo.trips.replies.clear()

        assert await service.drive_purchases()() == BATCH

        sent = Counter(mongo.trips.commands)
        # A claim that outlasts its drive is written once more.
        rested = sent["update"] - STEPS["update"] * BATCH
        assert 0 <= rested <= BATCH
        assert sent["find"] == LOOKS + STEPS["find"] * BATCH
        assert sent.keys() == STEPS.keys()
        assert max(batches(mongo.trips.replies)) == BATCH
        assert await over(mongo) == names(range((round_ + 1) * BATCH))


async def test_an_inspection_reads_it_page_by_page_and_says_where_it_stopped(
    mongo: Mongo,
) -> None:
    await fill(BACKLOG)
    service = service_on(mongo)
    find = replace(
        service.differences().find_differences(),
        inspections=[InspectPurchases(survey=mongo.survey)],
    )
    mongo.trips.commands.clear()
    mongo.trips.replies.clear()

    found = await find()

    pages = FINDINGS_MAX // PAGE
    assert found.unseen == {"purchases": TOO_MANY}
    assert sorted(f.subject for f in found.findings) == names(range(FINDINGS_MAX))
    assert mongo.trips.commands == ["find"] * len(RESTLESS) * pages
    assert max(batches(mongo.trips.replies)) == PAGE


async def test_a_poison_row_at_the_head_of_the_queue_costs_one_place(
    mongo: Mongo,
) -> None:
    await fill(2 * BATCH)
    await mongo.rows("purchases").update_one(
        {"_id": left_behind(0).id}, {"$unset": {"quote": ""}}
    )
    service = service_on(mongo)

    for _ in range(2):
        assert await service.drive_purchases()() == BATCH

    assert await over(mongo) == names(range(1, 2 * BATCH))
    poison = await mongo.row("purchases", left_behind(0).id)
    assert poison["drive"]["failures"] == 1
