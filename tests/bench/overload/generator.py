"""Asks a service, in a process of its own: `python -m tests.bench.overload.generator`.

Reads a `Load` from standard input and writes what came of it to standard output.  With
a rate it asks on time, whatever became of those before, as people do; without, so many
at a time, each after the answer to the one before.
"""

import asyncio
import sys
from contextlib import suppress
from itertools import cycle
from random import Random
from time import perf_counter
from typing import Final

import aiohttp
import msgspec

NO_ANSWER: Final = 0
GIVE_UP: Final = 12.0  # seconds: longer than the patience of anybody


class Ask(msgspec.Struct, frozen=True):
    """A request, worded before any clock runs; `kind` is whose patience it has."""

    kind: str
    method: str
    url: str
    headers: dict[str, str]
    body: str | None = None


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What to ask, in this order and again from the front, and how fast.

    `per_second` 0: `at_once` at a time.
    """

    asks: list[Ask]
    seconds: float
    per_second: float = 0.0
    at_once: int = 1


class Answer(msgspec.Struct, frozen=True):
    kind: str
    status: int
    took: float
    has_retry_after: bool = False
    late: float = 0.0  # by how many seconds it was asked too late: our own fault


def main() -> None:
    load = msgspec.json.decode(sys.stdin.buffer.read(), type=Load)
    sys.stdout.buffer.write(msgspec.json.encode(asyncio.run(asked(load))))


async def asked(load: Load) -> list[Answer]:
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=2),
        timeout=aiohttp.ClientTimeout(total=GIVE_UP),
    ) as http:
        if load.per_second:
            return await in_time(http, load)
        return await in_turn(http, load)


async def in_time(http: aiohttp.ClientSession, load: Load) -> list[Answer]:
    random, asks = Random(7), cycle(load.asks)
    coming: list[asyncio.Task[Answer]] = []
    due = begun = perf_counter()
    while due < begun + load.seconds:
        await asyncio.sleep(max(0.0, due - perf_counter()))
        coming.append(asyncio.create_task(one(http, next(asks), due=due)))
        due += random.expovariate(load.per_second)
    return await asyncio.gather(*coming)


async def in_turn(http: aiohttp.ClientSession, load: Load) -> list[Answer]:
    asks, answers = cycle(load.asks), list[Answer]()
    end = perf_counter() + load.seconds

    async def work() -> None:
        while perf_counter() < end:
            answers.append(await one(http, next(asks)))

    async with asyncio.TaskGroup() as group:
        for _ in range(load.at_once):
            group.create_task(work())
    return answers


async def one(
    http: aiohttp.ClientSession, ask: Ask, *, due: float | None = None
) -> Answer:
    begun, status, has_retry_after = perf_counter(), NO_ANSWER, False
    with suppress(aiohttp.ClientError, TimeoutError):
        async with http.request(
            ask.method, ask.url, headers=ask.headers, data=ask.body
        ) as answer:
            await answer.read()
            status, has_retry_after = answer.status, "Retry-After" in answer.headers
    late = 0.0 if due is None else begun - due
    return Answer(ask.kind, status, perf_counter() - begun, has_retry_after, late)


if __name__ == "__main__":
    main()
