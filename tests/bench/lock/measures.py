"""What every lock is made to do; `node/measure.mjs` does the same in its language.

Whoever is inside gives way once, as work does: `asyncio.sleep(0)` here, `setImmediate`
there, each one turn of the event loop.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from enum import StrEnum
from typing import Final

WAITERS: Final = 1_000  # who come at once for one key
AT_ONCE: Final = 100  # keys of the churn in use at the same time
WARM_UP: Final = 100  # so few that a compiler has most of its work before it

Hold = Callable[[str], AbstractAsyncContextManager[None]]


class Measure(StrEnum):
    UNCONTENDED = "uncontended"
    HAND_OFF = "hand-off"
    CHURN = "churn"


COUNTS: Final[Mapping[Measure, int]] = {
    Measure.UNCONTENDED: 100_000,
    Measure.HAND_OFF: WAITERS,
    Measure.CHURN: 100_000,
}


async def uncontended(hold: Hold, count: int) -> None:
    """Take one free key again and again."""
    for _ in range(count):
        async with hold("spot"):
            pass


async def hand_off(hold: Hold, count: int) -> None:
    """Let up to a thousand wait for one key, who follow each other."""
    for start in range(0, count, WAITERS):
        coming = min(WAITERS, count - start)
        await asyncio.gather(*(_pass_through(hold, "spot") for _ in range(coming)))


async def churn(hold: Hold, count: int) -> None:
    """Use each of `count` keys once, a hundred at a time."""
    for start in range(0, count, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, count))
        await asyncio.gather(*(_pass_through(hold, f"buyer {n}") for n in numbers))


async def _pass_through(hold: Hold, key: str) -> None:
    async with hold(key):
        await asyncio.sleep(0)


RUNS: Final[Mapping[Measure, Callable[[Hold, int], Awaitable[None]]]] = {
    Measure.UNCONTENDED: uncontended,
    Measure.HAND_OFF: hand_off,
    Measure.CHURN: churn,
}
