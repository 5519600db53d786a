import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import Final, Self

import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.lock import Lock
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import LockError, RedisError

from application.ports.locks import (
    DEFAULT_WAIT,
    HeldKey,
    KeyedLock,
    LockNotReentrant,
    LockStatistics,
    LockTimeout,
    Spread,
)

PREFIX: Final = "spothold:lock:"
LEASE: Final = timedelta(seconds=6)  # what a process that died keeps others waiting
LOOK_AGAIN: Final = timedelta(milliseconds=50)
PATIENCE: Final = timedelta(milliseconds=500)  # with Redis, for one command
SILENCE: Final = timedelta(seconds=5)  # for so long nobody asks again
CONNECTIONS_MAX: Final = 64
REMEMBERED: Final = 1_000  # so many waits, and so many holds, make up the statistics
SILENT: Final = (RedisError, OSError, TimeoutError)

log = structlog.get_logger(__name__)


class RedisKeyedLock:
    """A lock across processes; while Redis is silent there is none (docs/adr/0018).

    The tasks of one process stand in the `line` of their own, so that only the first
    of them asks Redis.  Between processes nobody keeps an order.
    """

    def __init__(
        self,
        redis: Redis,
        *,
        line: KeyedLock,
        lease: timedelta = LEASE,
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._redis = redis
        self._line = line
        self._lease = lease
        self._now = now
        self._book = _Book()
        self._silent_until = now()

    @classmethod
    def at(
        cls,
        url: str,
        *,
        line: KeyedLock,
        lease: timedelta = LEASE,
        patience: timedelta = PATIENCE,
        now: Callable[[], float] = monotonic,
    ) -> Self:
        """Make one that connects when it is first asked."""
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS_MAX,
            timeout=patience.total_seconds(),
            socket_timeout=patience.total_seconds(),
            socket_connect_timeout=patience.total_seconds(),
            retry=Retry(NoBackoff(), 0),  # a lock that comes late helps nobody
        )
        return cls(Redis.from_pool(pool), line=line, lease=lease, now=now)

    async def close(self) -> None:
        await self._redis.aclose()

    @asynccontextmanager
    async def hold(
        self, key: str, *, wait: timedelta = DEFAULT_WAIT, operation: str
    ) -> AsyncIterator[None]:
        visit = self._book.arrive(key, operation, at=self._now())
        try:
            async with self._line.hold(key, wait=wait, operation=operation):
                lock = await self._take(visit, until=visit.asked + wait.total_seconds())
                self._book.got_in(visit, at=self._now())
                try:
                    async with self._leased(lock):
                        yield
                finally:
                    self._book.let_go(visit, at=self._now())
        except LockNotReentrant as error:
            if visit.since is None and error.key == key:
                self._book.asked_twice(visit)
            raise
        except LockTimeout:
            if visit.since is None:  # or it is another key's, on its way through
                self._book.gave_up(visit, at=self._now())
            raise
        finally:
            self._book.leave(visit)

    def statistics(self) -> LockStatistics:
        return self._book.statistics(self._now())

    async def _take(self, visit: "_Visit", *, until: float) -> Lock | None:
        """Return the lock, or None if there is nobody to give it.

        Raises:
            LockTimeout: another process kept it until then.
        """
        if self._now() < self._silent_until:
            return None
        lock = self._redis.lock(
            PREFIX + visit.key,
            timeout=self._lease.total_seconds(),
            sleep=LOOK_AGAIN.total_seconds(),
            thread_local=False,
        )
        try:
            if await lock.acquire(blocking=False):
                return lock
            self._book.found_taken(visit)
            left = until - self._now()
            if left > 0 and await lock.acquire(blocking_timeout=left):
                return lock
        except SILENT as error:
            self._fell_silent(error)
            return None
        waited = timedelta(seconds=self._now() - visit.asked)
        raise LockTimeout(visit.key, waited=waited)

    @asynccontextmanager
    async def _leased(self, lock: Lock | None) -> AsyncIterator[None]:
        if lock is None:
            yield
            return
        renewal = asyncio.create_task(self._renew(lock))
        try:
            yield
        finally:
            renewal.cancel()
            await self._release(lock)

    async def _renew(self, lock: Lock) -> None:
        """Keep what is held, until it is cancelled or the lock is lost.

        redis-py 8.1 may swallow a cancellation, so the token is looked at, too.
        """
        while lock.local.token is not None:
            await asyncio.sleep(self._lease.total_seconds() / 3)
            try:
                await lock.reacquire()
            except LockError:
                log.warning("lock lost", key=lock.name)
                return
            except SILENT as error:
                self._fell_silent(error)

    async def _release(self, lock: Lock) -> None:
        try:
            await lock.release()
        except LockError:
            log.warning("lock was lost before its end", key=lock.name)
        except SILENT as error:
            self._fell_silent(error)  # it lapses by itself

    def _fell_silent(self, error: Exception) -> None:
        if self._now() >= self._silent_until:
            log.warning("no lock while redis is silent", why=type(error).__name__)
        self._silent_until = self._now() + SILENCE.total_seconds()


@dataclass(slots=True, eq=False, kw_only=True)
class _Visit:
    key: str
    operation: str
    asked: float
    is_contended: bool = False
    since: float | None = None


@dataclass(slots=True, kw_only=True)
class _Book:
    """What the statistics are made of."""

    here: Counter[str] = field(default_factory=Counter)  # waiting or inside, by key
    inside: dict[_Visit, float] = field(default_factory=dict)  # and since when
    acquired: int = 0
    contended: int = 0
    timed_out: int = 0
    waits: deque[float] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    holds: deque[float] = field(default_factory=lambda: deque(maxlen=REMEMBERED))

    def arrive(self, key: str, operation: str, *, at: float) -> _Visit:
        visit = _Visit(key=key, operation=operation, asked=at)
        if self.here[key]:
            self.found_taken(visit)
        self.here[key] += 1
        return visit

    def found_taken(self, visit: _Visit) -> None:
        self.contended += not visit.is_contended
        visit.is_contended = True

    def asked_twice(self, visit: _Visit) -> None:
        """Take back that it found the key taken: it had it itself."""
        self.contended -= visit.is_contended

    def got_in(self, visit: _Visit, *, at: float) -> None:
        visit.since = at
        self.inside[visit] = at
        self.acquired += 1
        self.waits.append(at - visit.asked if visit.is_contended else 0.0)

    def let_go(self, visit: _Visit, *, at: float) -> None:
        self.holds.append(at - self.inside.pop(visit))

    def gave_up(self, visit: _Visit, *, at: float) -> None:
        self.timed_out += 1
        self.waits.append(at - visit.asked)

    def leave(self, visit: _Visit) -> None:
        self.here[visit.key] -= 1
        if not self.here[visit.key]:
            del self.here[visit.key]

    def statistics(self, now: float) -> LockStatistics:
        held = [
            HeldKey(
                key=visit.key,
                operation=visit.operation,
                age=timedelta(seconds=now - since),
                queue_length=self.here[visit.key] - 1,
            )
            for visit, since in self.inside.items()
        ]
        return LockStatistics(
            active=len(held),
            waiting=self.here.total() - len(held),
            acquired=self.acquired,
            contended=self.contended,
            timed_out=self.timed_out,
            wait_times=Spread.of(self.waits),
            hold_times=Spread.of(self.holds),
            held=tuple(sorted(held, key=lambda each: each.age, reverse=True)),
        )
