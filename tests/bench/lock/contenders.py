"""The locks of Python that are measured, each by its own natural way in."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from asyncio_keyed_lock import AsyncioKeyedLock
from redis.asyncio import BlockingConnectionPool, Redis

from adapters.in_memory.locks import InMemoryKeyedLock
from adapters.redis.locks import CONNECTIONS_MAX, RedisKeyedLock
from tests.bench.lock.measures import Hold

PATIENCE: Final = timedelta(seconds=30)  # what an armed wait is bounded by
LEASE: Final = timedelta(seconds=6)


class Contender(StrEnum):
    OURS = "ours"
    RAW = "asyncio.Lock"
    KEYED = "asyncio-keyed-lock"
    REDIS = "redis-py"
    OURS_ON_REDIS = "ours on redis"

    @property
    def is_remote(self) -> bool:
        return self in {Contender.REDIS, Contender.OURS_ON_REDIS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrant:
    """A lock that is ready to be measured.

    Args:
        hold: takes a key for the body of an `async with`.
        entries: says how many keys it remembers; None where others would have to be
            asked.
    """

    hold: Hold
    entries: Callable[[], int] | None = None


@asynccontextmanager
async def entered(
    contender: Contender, *, is_armed: bool, redis_url: str
) -> AsyncIterator[Entrant]:
    """Make a lock; those on Redis are let go of at the end."""
    if contender.is_remote:
        async with _remote(contender, redis_url) as entrant:
            yield entrant
        return
    entrant = _LOCAL[contender]()
    # Ours bounds each wait in any case; the others take `asyncio.timeout` around it.
    is_wrapped = is_armed and contender is not Contender.OURS
    hold = _armed(entrant.hold) if is_wrapped else entrant.hold
    yield Entrant(hold=hold, entries=entrant.entries)


def _ours() -> Entrant:
    locks = InMemoryKeyedLock()
    return Entrant(
        hold=lambda key: locks.hold(key, wait=PATIENCE, operation="measure"),
        entries=lambda: len(locks._state.holders) + len(locks._state.lines),
    )


def _raw() -> Entrant:
    lock: Any = asyncio.Lock()  # one for all keys: a floor, not a keyed lock
    return Entrant(hold=lambda _key: lock, entries=lambda: 0)


def _keyed() -> Entrant:
    locks = AsyncioKeyedLock()
    return Entrant(hold=locks, entries=lambda: locks.active_keys_count)


_LOCAL: Final = {
    Contender.OURS: _ours,
    Contender.RAW: _raw,
    Contender.KEYED: _keyed,
}


def _armed(hold: Hold) -> Hold:
    @asynccontextmanager
    async def held(key: str) -> AsyncIterator[None]:
        holding: AbstractAsyncContextManager[None] = hold(key)
        async with asyncio.timeout(PATIENCE.total_seconds()):
            await holding.__aenter__()
        try:
            yield
        finally:
            await holding.__aexit__(None, None, None)

    return held


@asynccontextmanager
async def _remote(contender: Contender, url: str) -> AsyncIterator[Entrant]:
    if contender is Contender.OURS_ON_REDIS:
        ours = RedisKeyedLock.at(url, line=InMemoryKeyedLock())
        yield Entrant(
            hold=lambda key: ours.hold(key, wait=PATIENCE, operation="measure")
        )
        await ours.close()
        return
    pool = BlockingConnectionPool.from_url(
        url, max_connections=CONNECTIONS_MAX, timeout=PATIENCE.total_seconds()
    )
    async with Redis.from_pool(pool) as redis:

        def hold(key: str) -> AbstractAsyncContextManager[None]:
            lock: Any = redis.lock(
                key,
                timeout=LEASE.total_seconds(),
                blocking_timeout=PATIENCE.total_seconds(),
                thread_local=False,
            )
            return lock  # type: ignore[no-any-return]

        yield Entrant(hold=hold)
