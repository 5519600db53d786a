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

IDLE_SECONDS: Final = 16  # a job that runs every 15 s has its turn
AT_A_TIME: Final = 20  # requests of one side, before it is the turn of the other


async def idling(sides: Sequence[Side]) -> list[float]:
    """Return the CPU time that each has in a second with nothing to do."""
    await asyncio.sleep(max(side.settles for side in sides))
    cpu, begun = [cpu_seconds(side.pid) for side in sides], time.perf_counter()
    await asyncio.sleep(IDLE_SECONDS)
    passed = time.perf_counter() - begun
    return [
        (cpu_seconds(side.pid) - before) / passed
        for side, before in zip(sides, cpu, strict=True)
    ]


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

    async def ask(
        self, requests: Sequence[tuple[int, Asked]], sample: Sample, *, at_once: int
    ) -> None:
        """Ask them, each under its number, and add the answers to a sample."""
        waiting, begun = list(requests)[::-1], time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(self._work(waiting, sample))
        sample.wall += time.perf_counter() - begun

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one client is to ask, and what that cost so far."""

    client: Client
    requests: Sequence[Asked]
    sample: Sample

    @classmethod
    def of(cls, client: Client, requests: Sequence[Asked]) -> "Run":
        sample = Sample(answers=[b""] * len(requests))
        return cls(client=client, requests=requests, sample=sample)

    async def go_on(self, begin: int, *, at_once: int) -> None:
        numbered = list(enumerate(self.requests))[begin : begin + AT_A_TIME]
        await self.client.ask(numbered, self.sample, at_once=at_once)


async def by_turns(runs: Sequence[Run], *, at_once: int) -> None:
    """Ask all of them a few at a time, by turns: what disturbs one disturbs the other.

    The CPU of each is what its process had until it was done with what was left to do
    after its answers, less what it has with nothing to do.
    """
    cpu = [cpu_seconds(run.client.side.pid) for run in runs]
    begun, order = time.perf_counter(), list(runs)
    for begin in range(0, max(len(run.requests) for run in runs), AT_A_TIME):
        for run in order:
            await run.go_on(begin, at_once=at_once)
        order.reverse()
    await asyncio.sleep(max(run.client.side.settles for run in runs))
    passed = time.perf_counter() - begun
    for run, before in zip(runs, cpu, strict=True):
        had = cpu_seconds(run.client.side.pid) - before
        run.sample.cpu = had - run.client.idle * passed
