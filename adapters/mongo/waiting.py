"""The driver waits as on Python 3.12, on 3.11 too.

3.11's `asyncio.wait_for` waits in a task of its own.  Cut off while that task takes the
lock of its condition back, it goes on without: the lock of somebody else is released,
and the task's own is held for ever, by nobody.  Cut off when the task has just ended,
it forgets that it was cut off.  3.12 waits in place (docs/adr/0034).
"""

import asyncio
import sys
from collections.abc import Awaitable
from typing import TypeVar

from pymongo import lock

T = TypeVar("T")


async def wait_in_place(awaitable: Awaitable[T], timeout: float | None) -> T:  # noqa: ASYNC109  # as asyncio has it
    """Wait for so many seconds at most, in the task that asks.

    Raises:
        TimeoutError: it was not there by then.
    """
    async with asyncio.timeout(timeout):
        return await awaitable


def mend_waiting() -> None:
    """Let everybody in this process wait in place, whatever Python runs it."""
    if sys.version_info < (3, 12):
        for holder in (asyncio, asyncio.tasks, lock):
            vars(holder)["wait_for"] = wait_in_place
