"""What a running service says of itself, as Prometheus would scrape it."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.waiting import eventually

METRICS: Final = "/api/system/metrics"
MIB: Final = 2**20
UNDER_WAY: Final = (
    60.0  # seconds: no request and no step of a job holds anything longer
)
LOOK_AGAIN: Final = 0.25  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One scrape; `at` is in seconds of a clock that nobody sets."""

    at: float
    memory: float  # MiB resident
    files: int  # open, sockets among them
    tasks: int
    locks: int  # held or waited for: what is in the lock's map

    @classmethod
    def of(cls, text: str, *, at: float) -> "Reading":
        seen = _samples(text)
        return cls(
            at=at,
            memory=seen["process_resident_memory_bytes"] / MIB,
            files=int(seen["process_open_fds"]),
            tasks=int(seen["spothold_event_loop_tasks"]),
            locks=int(seen["spothold_locks_held"] + seen["spothold_locks_waiting"]),
        )


def _samples(text: str) -> Mapping[str, float]:
    """Return what has no labels, by its name."""
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if not sample.labels
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """Reads one service by a client of its own, so that load and scrape do not mix."""

    url: str

    async def read(self) -> Reading:
        async with httpx.AsyncClient(timeout=60, trust_env=False) as http:
            answer = await http.get(self.url + METRICS)
        answer.raise_for_status()
        return Reading.of(answer.text, at=time.monotonic())

    async def read_at_rest(self, *, after: float) -> Reading:
        """Read once idle connections have had these seconds to be closed."""
        await asyncio.sleep(after)
        return await once_idle(self.read)


async def once_idle(
    read: Callable[[], Awaitable[Reading]], *, within: float = UNDER_WAY
) -> Reading:
    """Read until no lock is held, for Stripe sends again when it likes.

    An entry that is still in the lock's map after `within` seconds nobody holds.
    """
    now = await read()

    async def is_idle() -> bool:
        nonlocal now
        now = await read()
        return now.locks == 0

    with suppress(TimeoutError):
        await eventually(is_idle, within=within)
    return now


@asynccontextmanager
async def kept_readings(
    gauge: Gauge, *, every: float, keep: Callable[[Reading], None]
) -> AsyncIterator[None]:
    """Read again and again for the body of an `async with`."""

    async def watch() -> None:
        while True:
            keep(await gauge.read())
            await asyncio.sleep(every)

    watching = asyncio.create_task(watch())
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.wait([watching])
        if not watching.cancelled():
            watching.result()  # it ended by itself: whatever it was is told
