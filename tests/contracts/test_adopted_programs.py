import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

import pytest

from adapters.mongo.adopted_programs import MongoAdoptedPrograms
from adapters.mongo.programs import MongoProgramRepository
from application.ports.predecessor import AdoptedPrograms
from application.ports.programs import ProgramRepository
from domain.class_rep import SpotsExhausted
from domain.ids import PurchaseId
from entrypoints.simulation.outside.adopted_programs import InMemoryAdoptedPrograms
from entrypoints.simulation.outside.programs import InMemoryProgramRepository
from tests.contracts.examples import CHOIR, program
from tests.contracts.storage import real_mongo

ONE: Final = PurchaseId("one")
TWO: Final = PurchaseId("two")
THREE: Final = PurchaseId("three")


@dataclass(frozen=True, kw_only=True)
class Shelf:
    adopted: AdoptedPrograms
    programs: ProgramRepository


@pytest.fixture(params=["in memory", "mongo"])
async def shelf(
    request: pytest.FixtureRequest, mongo_uri: str, database_name: str
) -> AsyncIterator[Shelf]:
    if request.param == "in memory":
        programs = InMemoryProgramRepository()
        adopted = InMemoryAdoptedPrograms(programs=programs)
        yield Shelf(adopted=adopted, programs=programs)
        return
    async with real_mongo(mongo_uri, database_name):
        mongo = MongoProgramRepository()
        yield Shelf(adopted=MongoAdoptedPrograms(), programs=mongo)


async def test_a_program_comes_with_its_spots_taken(shelf: Shelf) -> None:
    assert await shelf.adopted.add(program(limit=2), [ONE, TWO, ONE])

    assert await shelf.programs.spot_holders(CHOIR) == {ONE, TWO}
    assert (await shelf.programs.get(CHOIR)).class_rep_count == 2
    with pytest.raises(SpotsExhausted):
        await shelf.programs.reserve_spot(CHOIR, THREE, limit=2)


async def test_what_is_there_is_left_as_it_is(shelf: Shelf) -> None:
    await shelf.adopted.add(program(), [ONE])

    assert not await shelf.adopted.add(program(title="Another"), [TWO])

    assert (await shelf.programs.get(CHOIR)).title == "Choir"
    assert await shelf.programs.spot_holders(CHOIR) == {ONE}


async def test_a_spot_is_held_once_whatever_the_limit_says(shelf: Shelf) -> None:
    await shelf.adopted.add(program(limit=1), [ONE])

    told = await asyncio.gather(*(shelf.adopted.hold(CHOIR, TWO) for _ in range(8)))

    assert told.count(True) == 1
    assert await shelf.programs.spot_holders(CHOIR) == {ONE, TWO}
    assert (await shelf.programs.get(CHOIR)).class_rep_count == 2


async def test_without_a_program_there_is_no_spot(shelf: Shelf) -> None:
    assert not await shelf.adopted.hold(CHOIR, ONE)
