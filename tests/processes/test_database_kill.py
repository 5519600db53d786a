"""The database server dies under load, again and again, and comes back."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random, SystemRandom
from typing import Final

import httpx
import pytest

from adapters.embedded_mongo.server import EmbeddedMongo, embedded_mongo
from tests.processes.examining import examine
from tests.processes.fleet import Fleet, fleet_of
from tests.processes.load import crowd_at, programs_for
from tests.waiting import eventually

KILLS: Final = 4
SERVICES: Final = 2
VISITS: Final = 150  # about, for the size of the offer
NOTICED_WITHIN: Final = 10.0
RECOVERED_WITHIN: Final = 5.0
READY: Final = "/api/system/ready"


@dataclass(kw_only=True)
class MortalDatabase:
    """A server that can be killed and started again, at the same address."""

    folder: Path
    stack: AsyncExitStack
    server: EmbeddedMongo = field(init=False)

    async def start(self, port: int = 0) -> None:
        server = embedded_mongo(self.folder, port, grace=0.2)
        self.server = await self.stack.enter_async_context(server)

    def kill(self) -> None:
        self.server.kill()

    async def start_again(self) -> None:
        await self.start(self.server.port)


@asynccontextmanager
async def mortal_database(folder: Path) -> AsyncIterator[MortalDatabase]:
    async with AsyncExitStack() as stack:
        database = MortalDatabase(folder=folder, stack=stack)
        await database.start()
        yield database


async def all_say(fleet: Fleet, status: int) -> bool:
    async with httpx.AsyncClient(trust_env=False, timeout=10) as http:
        for service in fleet.services:
            answer = await http.get(f"{service.url}{READY}")
            if answer.status_code != status:
                return False
    return True


@pytest.mark.timeout(200)
async def test_a_database_killed_under_load_is_waited_for(tmp_path: Path) -> None:
    seed = SystemRandom().randrange(1_000_000)
    recoveries: list[float] = []
    async with (
        mortal_database(tmp_path / "mongo") as database,
        fleet_of(
            SERVICES,
            tmp_path,
            mongodb_uri=database.server.uri,
            database="spothold",
        ) as fleet,
        crowd_at(fleet, Random(seed), programs_for(VISITS)) as crowd,
    ):
        async with crowd.shopping():
            for _ in range(KILLS):
                await crowd.some_visits(10)
                database.kill()
                await eventually(lambda: all_say(fleet, 503), within=NOTICED_WITHIN)
                await database.start_again()
                back = time.monotonic()
                await eventually(lambda: all_say(fleet, 200), within=RECOVERED_WITHIN)
                await crowd.some_visits(1)
                recoveries.append(time.monotonic() - back)
        _, seen, wrong = await examine(fleet, crowd, kills=KILLS * SERVICES)
        print(  # noqa: T201 -- shown when it fails
            f"seed {seed}, recovered after {recoveries}, {crowd.ledger.answers},"
            f" {seen.copies_too_many} copies too many"
        )
        assert wrong == []
        assert crowd.ledger.broken == 0
        assert max(recoveries) < RECOVERED_WITHIN
