"""Without MONGODB_URI the service brings its database, and never leaves it behind."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import psutil

from adapters.embedded_mongo.server import DataFolderInUse, embedded_mongo
from tests.servers.service import (
    ServiceProcess,
    bearer,
    service_environment,
    service_process,
)
from tests.waiting import eventually

UNUSED = "http://127.0.0.1:9"


@asynccontextmanager
async def service_with_its_own(folder: Path) -> AsyncIterator[ServiceProcess]:
    environment = service_environment(
        mongodb_uri="",
        database="spothold",
        stripe_url=UNUSED,
        smtp_url="smtp://127.0.0.1:9",
        DATA_DIR=str(folder),
    )
    del environment["MONGODB_URI"]
    async with service_process(folder, environment) as service:
        yield service


def family_of(service: ServiceProcess) -> list[psutil.Process]:
    family = psutil.Process(service.process.pid).children(recursive=True)
    assert len(family) == 2  # the keeper and the server
    return family


async def are_gone(family: list[psutil.Process]) -> bool:
    """Say whether none is left, but for what the machine has yet to bury."""
    return not any(is_alive(each) for each in family)


def is_alive(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


async def is_unlocked(folder: Path) -> bool:
    """Say whether another server can take over the folder; it does so for a moment."""
    try:
        async with embedded_mongo(folder / "mongo", grace=0.2):
            return True
    except DataFolderInUse:
        return False


async def test_sigterm_stops_the_database_before_the_service_is_gone(
    tmp_path: Path,
) -> None:
    async with service_with_its_own(tmp_path) as service:
        family = family_of(service)
        assert await service.stop() == 0
        assert not any(each.is_running() for each in family)
        assert await is_unlocked(tmp_path)


async def test_a_killed_service_does_not_leave_its_database_behind(
    tmp_path: Path,
) -> None:
    async with service_with_its_own(tmp_path) as service:
        family = family_of(service)
        service.kill()
        await eventually(lambda: is_unlocked(tmp_path), within=20)
        await eventually(lambda: are_gone(family))
        await service.start()
        async with httpx.AsyncClient(base_url=service.url, trust_env=False) as http:
            answer = await http.get("/api/programs", headers=bearer("ada"))
        assert answer.is_success
