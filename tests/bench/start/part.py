"""The part `start` of the bench: from the command to the first ready answer."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import aiohttp

from tests.bench.figures import AtMost, Figure
from tests.bench.options import Options
from tests.bench.processes import cpu_seconds, resident_mib, waited_for_a_core
from tests.bench.sides import Ground, common_ground, production
from tests.bench.start.as_installed import ABSENT, packages_beside
from tests.servers.service import ROOT, START_PATIENCE, ServiceProcess, free_port

PART: Final = "start"
SERVE: Final = ("tests.bench.start.as_installed", "serve")
INSTALLED: Final = ROOT / "requirements" / "service.txt"
LOOK_EVERY: Final = 0.01  # seconds
IDLE: Final = 10.0  # seconds, so that every job has run once
IDLE_SHORT: Final = 1.0
WITH_ITS_OWN: Final = AtMost(3)
WITH_ANOTHERS: Final = AtMost(1.5)
MEMORY: Final = AtMost(150)
BY_THE_CLOCK: Final = (
    "by the clock, so neighbours count; of the CPU time below, imports are four fifths"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """One start: seconds until it was ready, those of its CPU, MiB once it idles.

    `alone`: without the seconds in which others had the core that it wanted.
    """

    ready: float
    alone: float
    cpu: float
    resident: float


async def start(options: Options) -> Sequence[Figure]:
    """Start it again and again, with its own database and with a running one."""
    idle = IDLE_SHORT if options.is_short else IDLE
    rounds = range(options.rounds)
    own_first, own_again, first, again = [], [], [], []
    async with common_ground() as ground:
        for number in rounds:
            own = _with_its_own(ground, f"data{number}")
            other = with_anothers(ground, f"start{number}")
            own_first.append(await started(ground, own, idle=0))
            own_again.append(await started(ground, own, idle=0))
            first.append(await started(ground, other, idle=0))
            again.append(await started(ground, other, idle=idle))
    return [
        *ready_figures("embedded database, first start", own_first, WITH_ITS_OWN),
        *ready_figures("embedded database", own_again, WITH_ITS_OWN),
        *ready_figures("running database, first start", first, None),
        *ready_figures("running database", again, WITH_ANOTHERS),
        Figure.of(
            PART,
            "resident memory at idle",
            [it.resident for it in again],
            "MiB",
            target=MEMORY,
            note="of the service's process, what it shares with others included",
        ),
    ]


def ready_figures(
    name: str, starts: Sequence[Start], target: AtMost | None
) -> Sequence[Figure]:
    return [
        Figure.of(
            PART,
            f"start to ready, {name}",
            [it.ready for it in starts],
            "s",
            target=target,
            note=BY_THE_CLOCK if target else "it also makes the indexes",
        ),
        Figure.of(
            PART, f"{name}, less waits for a core", [it.alone for it in starts], "s"
        ),
        Figure.of(PART, f"{name}, CPU", [it.cpu for it in starts], "s"),
    ]


async def started(ground: Ground, settings: Mapping[str, str], *, idle: float) -> Start:
    """Start it, wait until it is ready, let it idle, and stop it in good order."""
    service = ServiceProcess(
        port=free_port(),
        environment=settings,
        log=ground.folder / "start.log",
        module=SERVE,
    )
    begun = time.perf_counter()
    service.launch()
    try:
        await _ready(service.url)
        ready = time.perf_counter() - begun
        alone = ready - waited_for_a_core(service.process.pid)
        cpu = cpu_seconds(service.process.pid)
        await asyncio.sleep(idle)
        resident = resident_mib(service.process.pid)
    finally:
        await service.stop()
    return Start(ready=ready, alone=alone, cpu=cpu, resident=resident)


async def _ready(url: str) -> None:
    """Ask as often as is no burden of its own."""
    async with aiohttp.ClientSession() as http:
        for _ in range(round(START_PATIENCE / LOOK_EVERY)):
            with suppress(aiohttp.ClientError):
                async with http.get(f"{url}/api/system/ready") as answer:
                    if answer.ok:
                        return
            await asyncio.sleep(LOOK_EVERY)
    raise RuntimeError(f"{url} was never ready")


def _with_its_own(ground: Ground, folder: str) -> Mapping[str, str]:
    settings = dict(with_anothers(ground, "spothold"))
    del settings["MONGODB_URI"]
    return {**settings, "DATA_DIR": str(ground.folder / folder)}


def with_anothers(ground: Ground, database: str) -> Mapping[str, str]:
    settings = production(ground, ground.wires, database)
    return {**settings, ABSENT: packages_beside(INSTALLED)}
