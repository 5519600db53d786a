"""Those who call on a lock to see what it does to them."""

import asyncio
from datetime import timedelta

import pytest

from application.ports.locks import KeyedLock, LockTimeout

AT_ONCE = timedelta()
LONG = timedelta(seconds=60)  # nobody in these tests waits for so long


async def waiting(locks: KeyedLock, callers: int) -> None:
    async with asyncio.timeout(5):
        while locks.statistics().waiting != callers:  # noqa: ASYNC110 (no event tells)
            await asyncio.sleep(0)


class Visitor:
    """Somebody who gets in, says so, and stays until told to go."""

    def __init__(
        self, locks: KeyedLock, key: str, *, error: Exception | None = None
    ) -> None:
        self.is_in = asyncio.Event()
        self.may_go = asyncio.Event()
        self.error = error
        self.visit = asyncio.create_task(self._visit(locks, key))

    async def _visit(self, locks: KeyedLock, key: str) -> str:
        async with locks.hold(key, wait=LONG, operation="visit"):
            self.is_in.set()
            await self.may_go.wait()
            if self.error is not None:
                raise self.error
            return "done"

    async def got_in(self) -> None:
        async with asyncio.timeout(5):
            await self.is_in.wait()

    async def leaves(self) -> str:
        self.may_go.set()
        async with asyncio.timeout(5):
            return await self.visit


async def assert_taken(locks: KeyedLock, key: str) -> None:
    with pytest.raises(LockTimeout):
        async with locks.hold(key, wait=AT_ONCE, operation="peek"):
            pytest.fail("two holders at once")


async def assert_free(locks: KeyedLock, key: str) -> None:
    async with locks.hold(key, wait=AT_ONCE, operation="peek"):
        pass


async def most_inside(locks: KeyedLock, callers: int) -> int:
    """Let `callers` in by one key and say how many were inside together."""
    inside = most = 0

    async def enter(yields: int) -> None:
        nonlocal inside, most
        async with locks.hold("spot", wait=LONG, operation="enter"):
            inside += 1
            most = max(most, inside)
            for _ in range(yields):
                await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(enter(1 + each % 3) for each in range(callers)))
    return most


async def sold(locks: KeyedLock, *, places: int, buyers: int, key: str = "spot") -> int:
    """Sell by reading, pondering and writing, as only a lock makes safe."""
    taken = sales = 0

    async def buy() -> None:
        nonlocal taken, sales
        async with locks.hold(key, wait=LONG, operation="buy"):
            seen = taken
            await asyncio.sleep(0)
            if seen < places:
                taken = seen + 1
                sales += 1

    await asyncio.gather(*(buy() for _ in range(buyers)))
    return sales
