"""Locks that do not do their work.

They fit the port and break its promise.  Nothing that matters may depend on a lock, so
use cases are run under these; and a test of exclusion that passes with one of them
proves nothing.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from random import Random

from application.ports.locks import (
    DEFAULT_WAIT,
    KeyedLock,
    LockStatistics,
    LockTimeout,
    Spread,
)

IDLE = LockStatistics(
    active=0,
    waiting=0,
    acquired=0,
    contended=0,
    timed_out=0,
    wait_times=Spread(),
    hold_times=Spread(),
    held=(),
)

TURNED_AWAY, KEPT, LET_GO = 0.1, 0.4, 0.7  # lots of an erratic lock, up to 1


class NoLock:
    """Excludes nobody: the lock of a service that runs without one."""

    @asynccontextmanager
    async def hold(
        self, key: str, *, wait: timedelta = DEFAULT_WAIT, operation: str
    ) -> AsyncIterator[None]:
        await asyncio.sleep(0)
        yield

    def statistics(self) -> LockStatistics:
        return IDLE


class LyingLock:
    """Lets about every other caller in at once, whoever is inside already."""

    def __init__(self, honest: KeyedLock, *, random: Random) -> None:
        self._honest = honest
        self._random = random
        self._none = NoLock()

    def hold(
        self, key: str, *, wait: timedelta = DEFAULT_WAIT, operation: str
    ) -> AbstractAsyncContextManager[None]:
        lock = self._random.choice((self._honest, self._none))
        return lock.hold(key, wait=wait, operation=operation)

    def statistics(self) -> LockStatistics:
        return self._honest.statistics()


class ErraticLock:
    """Keeps its word by lot, as a lock in a network may.

    It tells some that they waited too long, lets go of others while they are still at
    work, and lets the rest in at once, whoever is inside already.
    """

    def __init__(self, honest: KeyedLock, *, random: Random) -> None:
        self._honest = honest
        self._random = random

    @asynccontextmanager
    async def hold(
        self, key: str, *, wait: timedelta = DEFAULT_WAIT, operation: str
    ) -> AsyncIterator[None]:
        await asyncio.sleep(0)
        lot = self._random.random()
        if lot < TURNED_AWAY:
            raise LockTimeout(key, waited=wait)
        if lot < KEPT:
            async with self._honest.hold(key, wait=wait, operation=operation):
                yield
            return
        if lot < LET_GO:
            async with self._honest.hold(key, wait=wait, operation=operation):
                await asyncio.sleep(0)
        yield

    def statistics(self) -> LockStatistics:
        return self._honest.statistics()


class PredecessorLock:
    """The first system's lock, in its own order of steps.

    Each waiter waits for the holder it saw and does not look again, so all who waited
    for one holder enter together; and whoever leaves first deletes the entry of
    whoever is still inside.
    """

    def __init__(self) -> None:
        self._done: dict[str, asyncio.Future[None]] = {}

    @asynccontextmanager
    async def hold(
        self, key: str, *, wait: timedelta = DEFAULT_WAIT, operation: str
    ) -> AsyncIterator[None]:
        seen = self._done.get(key)
        if seen is not None:
            try:
                await asyncio.wait_for(asyncio.shield(seen), wait.total_seconds())
            except TimeoutError:
                raise LockTimeout(key, waited=wait) from None
        mine = self._done[key] = asyncio.get_running_loop().create_future()
        try:
            yield
        finally:
            mine.set_result(None)
            self._done.pop(key, None)

    def statistics(self) -> LockStatistics:
        return IDLE
