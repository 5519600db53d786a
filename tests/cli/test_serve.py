import signal
from pathlib import Path

import httpx

from tests.cli.command import SETTINGS
from tests.servers.service import ServiceProcess, free_port


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
