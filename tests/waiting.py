"""Wait for something to become true, never for time to pass."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
PAUSE = 0.01


async def eventually(look: Callable[[], Awaitable[T]], *, within: float = 10.0) -> T:
    """Look again and again until there is something to see, and return it.

    Raises:
        TimeoutError: There was nothing to see until the deadline.
    """
    async with asyncio.timeout(within):
        # What is waited for happens elsewhere: in a process, a browser, a database.
        while not (seen := await look()):  # noqa: ASYNC110
            await asyncio.sleep(PAUSE)
        return seen
