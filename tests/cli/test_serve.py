import asyncio
import signal
from pathlib import Path

import httpx

from adapters.mongo.connection import connected, mongo_client
from adapters.mongo.instances import MongoInstances
from entrypoints.http.company import EXIT_CODE
from tests.cli.command import SETTINGS
from tests.contracts.examples import NOON
from tests.contracts.storage import UNHURRIED
from tests.servers.live_service import live_service
from tests.servers.service import ServiceProcess, free_port
from tests.waiting import eventually


def embedded_service(folder: Path) -> ServiceProcess:
    """Return a service that brings its own database, in this folder."""
    settings = {**SETTINGS, "DATA_DIR": str(folder / "data")}
    return ServiceProcess(
        port=free_port(), environment=settings, log=folder / "service.log"
    )


async def test_the_embedded_database_is_called_what_it_is_and_stopped(
    tmp_path: Path,
) -> None:
    service = embedded_service(tmp_path)
    await service.start()

    async with httpx.AsyncClient(base_url=service.url) as http:
        ready = (await http.get("/api/system/ready")).json()
    code = await service.stop()

    assert ready["database"]["embedded"] is True
    assert ready["database"]["note"] == "not for production"
    assert "not for production" in service.log.read_text()
    assert code == 0
    await service.start()  # the folder was given back
    assert await service.stop() == 0


async def test_a_killed_service_leaves_no_database_behind(tmp_path: Path) -> None:
    service = embedded_service(tmp_path)
    await service.start()
    service.process.send_signal(signal.SIGKILL)
    service.process.wait()

    await service.start()

    assert await service.stop() == 0


async def test_who_stops_in_good_order_is_counted_no_longer(
    mongo_uri: str, database_name: str
) -> None:
    async with live_service(mongo_uri, database_name, reconciles=False) as service:

        async def counted() -> bool:
            return bool(await service.rows("instances"))

        await eventually(counted)

    client = mongo_client(mongo_uri, patience=UNHURRIED)
    async with connected(client, database=database_name):
        instances = MongoInstances(client=client, database=database_name)
        assert await instances.seen_since(NOON) == []


async def test_a_second_instance_ends_by_itself_where_one_is_enforced(
    mongo_uri: str, database_name: str, tmp_path: Path
) -> None:
    settings = {
        **SETTINGS,
        "MONGODB_URI": mongo_uri,
        "MONGODB_DATABASE": database_name,
        "SINGLE_INSTANCE_ENFORCE": "true",
        "SINGLE_INSTANCE_OVERLAP_SECONDS": "4",
    }
    first, second = (
        ServiceProcess(port=free_port(), environment=settings, log=tmp_path / name)
        for name in ("first.log", "second.log")
    )
    await first.start()
    await second.start()  # as in a deploy: it serves, or the old one would never go

    assert await asyncio.to_thread(second.process.wait, 30) == EXIT_CODE
    said = second.log.read_text()
    assert f":{first.process.pid} (LOCK_BACKEND=memory) runs on this database" in said
    assert "set LOCK_BACKEND=redis for all of them" in said
    await first.ready()
    assert await first.stop() == 0
