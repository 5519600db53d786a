"""Where a test can hold, lose or break a call to a fake."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias

# Told "before purchases.add", then "after purchases.add".  Raising before means that
# nothing happened; raising after, that it happened and the answer was lost.  After a
# refusal nothing is told: the caller has its answer.
Gate: TypeAlias = Callable[[str], Awaitable[None]]


async def give_way(_moment: str) -> None:
    await asyncio.sleep(0)


@asynccontextmanager
async def passing(gate: Gate, call: str) -> AsyncIterator[None]:
    await gate(f"before {call}")
    yield
    await gate(f"after {call}")
