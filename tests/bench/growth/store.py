"""Databases of several sizes on one server, filled once and kept."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import psutil
from beanie import init_beanie
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from adapters.embedded_mongo.server import EmbeddedMongo, embedded_mongo
from adapters.mongo.documents import DOCUMENTS, ProgramDocument
from adapters.mongo.indexes import INDEXES
from tests.adapters.mongo.conftest import Row
from tests.bench.growth import stock

FOLDER: Final = Path("data/bench/growth")
MARK: Final[Row] = {"_id": "stock"}  # written last: what has it is whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Stocked:
    """One database.  `until` is the moment at which its last purchase was begun."""

    uri: str
    database: str
    number: int
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """All of them; `server` is the process that works for them."""

    sizes: Sequence[Stocked]
    server: psutil.Process


@asynccontextmanager
async def store_of(
    numbers: Sequence[int], *, folder: Path = FOLDER
) -> AsyncIterator[Store]:
    """Fill what is not there yet, and serve it for the body of an `async with`."""
    async with embedded_mongo(folder) as server:
        sizes = [
            await stocked_on(server.uri, f"purchases_{number}", number=number)
            for number in numbers
        ]
        yield Store(sizes=sizes, server=_process_of(server))


async def stocked_on(uri: str, name: str, *, number: int) -> Stocked:
    """Fill a database with so many purchases, unless it was filled before."""
    async with AsyncMongoClient[Row](uri, tz_aware=True) as client:
        database = client[name]
        mark = await database["bench"].find_one(MARK) or await _filled(database, number)
    return Stocked(uri=uri, database=name, number=number, until=mark["until"])


async def _filled(database: AsyncDatabase[Row], number: int) -> Row:
    mark = MARK | {"until": datetime.now(UTC).replace(microsecond=0)}
    await database.client.drop_database(database)
    await init_beanie(database=database, document_models=DOCUMENTS, skip_indexes=True)
    await database[ProgramDocument.Settings.name].insert_many(
        [stock.program_row(program) for program in stock.programs()]
    )
    for some in stock.rows(number, until=mark["until"]):
        await database["purchases"].insert_many(some, ordered=False)
    # After the rows: that is three times as fast.  One by one, for all of them take the
    # embedded server longer than the service is ready to wait.
    for name, indexes in INDEXES.items():
        for index in indexes:
            await database[name].create_indexes([index])
    await database["bench"].insert_one(mark)
    return mark


def _process_of(server: EmbeddedMongo) -> psutil.Process:
    """Find the server among the children of its keeper."""
    [child] = psutil.Process(server.process.pid).children()
    return child
