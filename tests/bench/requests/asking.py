"""Asking: so many at a time, with a clock for each request and one for the process."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Final

import aiohttp

from tests.bench.processes import cpu_seconds
from tests.bench.requests.kinds import Asked
from tests.bench.sides import Side

IDLE_SECONDS: Final = 5


async def idling(side: Side) -> float:
    """Return the CPU time that it has in a second with nothing to do.

    The median of a few: in one of them every job may have its turn.
    """
    await asyncio.sleep(side.settles)
    seconds = []
    for _ in range(IDLE_SECONDS):
        cpu, begun = cpu_seconds(side.pid), time.perf_counter()
        await asyncio.sleep(1)
        passed = time.perf_counter() - begun
        seconds.append((cpu_seconds(side.pid) - cpu) / passed)
    return median(seconds)


@dataclass(slots=True, kw_only=True)
class Sample:
    """What so many requests of one kind cost; all times are seconds.

    `commands` and `calls` are counted for each request, if it was alone on the wire.
    """

    each: list[float] = field(default_factory=list)
    wall: float = 0.0
    cpu: float = 0.0
    commands: list[int] = field(default_factory=list)
    calls: list[int] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return len(self.each) / self.wall

    @property
    def cpu_each(self) -> float:
        return self.cpu / len(self.each)

    @property
    def p50(self) -> float:
        return median(self.each)

    @property
    def p99(self) -> float:
        """Return the 99th percentile; of less than a hundred, nearly the longest."""
        spread = self.each if len(self.each) > 1 else self.each * 2
        return quantiles(spread, n=100, method="inclusive")[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Sends what was prepared; anything but a 200 ends the bench.

    `idle` is the CPU time that the process has in a second with nothing to do.
    """

    http: aiohttp.ClientSession
    side: Side
    idle: float = 0.0

    async def ask(self, requests: Sequence[Asked], *, at_once: int) -> Sample:
        """Ask them all and return what it cost, with what was left to do after."""
        sample = Sample(answers=[b""] * len(requests))
        waiting = list(enumerate(requests))[::-1]
        cpu, begun = cpu_seconds(self.side.pid), time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(self._work(waiting, sample))
        sample.wall = time.perf_counter() - begun
        await asyncio.sleep(self.side.settles)
        idled = self.idle * (time.perf_counter() - begun)
        sample.cpu = cpu_seconds(self.side.pid) - cpu - idled
        return sample

    async def _work(self, waiting: list[tuple[int, Asked]], sample: Sample) -> None:
        tally = self.side.tally
        while waiting:
            number, asked = waiting.pop()
            tally.clear()
            begun = time.perf_counter()
            sample.answers[number] = await self._one(asked)
            sample.each.append(time.perf_counter() - begun)
            sample.commands.append(len(tally.commands))
            sample.calls.append(len(tally.calls))

    async def _one(self, asked: Asked) -> bytes:
        async with self.http.request(
            asked.method,
            f"{self.side.url}{asked.path}",
            data=asked.body,
            headers=asked.headers,
        ) as answer:
            body = await answer.read()
            if not answer.ok:
                raise RuntimeError(f"{self.side.name}, {asked.path}: {body!r}")
            return body
