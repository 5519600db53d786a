import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection

from adapters.embedded_mongo.server import (
    DataFolderInUse,
    EmbeddedMongo,
    EmbeddedMongoDidNotStart,
    EmbeddedMongoNotInstalled,
    embedded_mongo,
    server_command,
)
from tests.house.repository import ROOT

PARENT = """
import asyncio, sys
from pathlib import Path
from adapters.embedded_mongo.server import embedded_mongo

async def main():
    async with embedded_mongo(Path(sys.argv[1])) as server:
        print(server.process.pid, flush=True)
        await server.ended()

asyncio.run(main())
"""

# The server takes two seconds to stop by itself.
quickly_stopped = partial(embedded_mongo, grace=0.2)


@asynccontextmanager
async def sales_on(server: EmbeddedMongo) -> AsyncIterator[AsyncCollection[Any]]:
    """A collection, with the options that the service connects with."""
    async with AsyncMongoClient[dict[str, Any]](
        server.uri,
        w="majority",
        journal=True,
        readConcernLevel="majority",
        retryWrites=True,
        timeoutMS=4000,
    ) as client:
        yield client["shop"]["sales"]


async def ids_on(server: EmbeddedMongo) -> list[int]:
    async with sales_on(server) as sales:
        return [sale["_id"] async for sale in sales.find().sort("_id")]


def server_under(keeper_id: int) -> psutil.Process:
    (server,) = psutil.Process(keeper_id).children()
    return server


async def test_it_starts_and_answers_with_the_services_options(tmp_path: Path) -> None:
    async with quickly_stopped(tmp_path) as server, sales_on(server) as sales:
        await sales.insert_one({"_id": 1})
        changed = await sales.update_one({"_id": 1}, {"$set": {"status": "paid"}})
        assert changed.modified_count == 1
        assert await sales.find_one({"_id": 1}) == {"_id": 1, "status": "paid"}


async def test_the_next_server_takes_over_data_port_and_log(tmp_path: Path) -> None:
    async with embedded_mongo(tmp_path) as first, sales_on(first) as sales:
        await sales.insert_one({"_id": 1})
    async with quickly_stopped(tmp_path, first.port) as second:
        assert second.port == first.port
        assert await ids_on(second) == [1]
    assert "listening" in (tmp_path / "mongo.log.1").read_text()
    assert "listening" in (tmp_path / "mongo.log").read_text()


async def test_an_acknowledged_write_survives_kill_9(tmp_path: Path) -> None:
    """Also one whose client forgot to ask for the journal."""
    async with quickly_stopped(tmp_path) as server:
        bare = f"mongodb://127.0.0.1:{server.port}/?directConnection=true"
        async with AsyncMongoClient[dict[str, Any]](bare) as client:
            for number in range(20):
                await client["shop"]["sales"].insert_one({"_id": number})
            server.kill()
    async with quickly_stopped(tmp_path) as server:
        assert await ids_on(server) == list(range(20))


async def test_its_end_is_noticed(tmp_path: Path) -> None:
    async with quickly_stopped(tmp_path) as server, asyncio.timeout(20):
        server_under(server.process.pid).kill()
        await server.ended()


async def test_two_servers_on_one_folder_are_refused(tmp_path: Path) -> None:
    async with quickly_stopped(tmp_path) as server:
        with pytest.raises(DataFolderInUse, match="Another embedded database"):
            async with quickly_stopped(tmp_path):
                pass
        assert await ids_on(server) == []


async def test_a_folder_stays_locked_while_its_server_lives(tmp_path: Path) -> None:
    async with quickly_stopped(tmp_path) as server, asyncio.timeout(20):
        orphan = server_under(server.process.pid)
        server.process.kill()
        server.process.wait()
        with pytest.raises(DataFolderInUse):
            async with quickly_stopped(tmp_path):
                pass
        orphan.kill()
        await asyncio.to_thread(psutil.wait_procs, [orphan])
    async with quickly_stopped(tmp_path) as server:
        assert await ids_on(server) == []


async def test_it_outlives_a_ctrl_c_but_not_the_block(tmp_path: Path) -> None:
    async with embedded_mongo(tmp_path) as server:
        child = server_under(server.process.pid)
        # The terminal interrupts our process group, and the server is not in it.
        assert os.getpgid(child.pid) == server.process.pid != os.getpgrp()
    assert not child.is_running()
    assert server.process.poll() is not None


async def test_it_is_gone_when_starting_is_cancelled(tmp_path: Path) -> None:
    starting = asyncio.create_task(embedded_mongo(tmp_path).__aenter__())
    await asyncio.sleep(0)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    async with quickly_stopped(tmp_path) as server:
        assert await ids_on(server) == []


async def test_it_dies_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PARENT, str(tmp_path)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert parent.stdout is not None
    async with asyncio.timeout(40):
        keeper_id = int(await parent.stdout.readline())
        family = [psutil.Process(keeper_id), server_under(keeper_id)]
        parent.send_signal(signal.SIGKILL)
        await parent.wait()
        _, alive = await asyncio.to_thread(psutil.wait_procs, family, timeout=20)
    assert alive == []


async def test_one_that_will_not_stop_is_killed(tmp_path: Path) -> None:
    async with quickly_stopped(tmp_path) as server:
        child = server_under(server.process.pid)
        child.suspend()  # deaf to SIGTERM
    assert not child.is_running()


async def test_a_failure_to_start_quotes_the_log(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedMongoDidNotStart, match="unrecognized arguments"):
        async with quickly_stopped(tmp_path, flags=["--no-such-flag"]):
            pass


def test_without_the_extra_the_way_to_install_it_is_named(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedMongoNotInstalled, match=r"\.\[embedded\]"):
        server_command(tmp_path / "python")
