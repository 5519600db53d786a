"""Many who wait, on several processes, before a Redis that comes and goes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from adapters.in_memory.locks import InMemoryKeyedLock
from adapters.redis.locks import CONNECTIONS_MAX, PREFIX, RedisKeyedLock
from application.ports.locks import KeyedLock, LockNotReentrant, LockTimeout
from tests.application.world import World
from tests.contracts.lock_callers import (
    AT_ONCE,
    LONG,
    Visitor,
    assert_free,
    assert_taken,
    waiting,
)
from tests.servers.redis import RedisServer, redis_lock, redis_server

KEY = "spot"
PROCESSES = 4
CALLERS = 1_000


@asynccontextmanager
async def processes(server: RedisServer) -> AsyncIterator[list[RedisKeyedLock]]:
    """Make the locks of several processes before one Redis."""
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(patient_lock(server))
            for _ in range(PROCESSES)
        ]


@asynccontextmanager
async def patient_lock(server: RedisServer) -> AsyncIterator[RedisKeyedLock]:
    """Make one that takes no slowness of this machine for silence."""
    lock = RedisKeyedLock.at(server.url, line=InMemoryKeyedLock(), patience=LONG)
    try:
        yield lock
    finally:
        await lock.close()


async def test_a_thousand_callers_on_four_processes_enter_one_by_one(
    shared_redis: RedisServer, client: Redis
) -> None:
    inside = most = served = 0

    async def enter(lock: KeyedLock) -> None:
        nonlocal inside, most, served
        async with lock.hold(KEY, wait=LONG, operation="enter"):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1
            served += 1

    async with processes(shared_redis) as locks:
        await asyncio.gather(*(enter(locks[n % PROCESSES]) for n in range(CALLERS)))

        assert (most, served) == (1, CALLERS)
        assert sum(lock.statistics().acquired for lock in locks) == CALLERS
        assert not await client.keys()


async def test_more_keys_than_connections_are_all_held_at_once(
    shared_redis: RedisServer, client: Redis
) -> None:
    """Who holds a key holds no connection; to wait for one is no silence of Redis."""
    crowd = CONNECTIONS_MAX * 3
    all_inside = asyncio.Barrier(crowd)

    async def enter(lock: KeyedLock, number: int) -> None:
        async with lock.hold(f"buyer {number}", wait=LONG, operation="enter"):
            await all_inside.wait()

    with capture_logs() as lines:
        async with asyncio.timeout(60), patient_lock(shared_redis) as lock:
            await asyncio.gather(*(enter(lock, number) for number in range(crowd)))
            clients = await client.client_list()

    assert lines == []
    assert len(clients) <= CONNECTIONS_MAX + 1
    assert not await client.keys()


async def test_a_redis_that_stops_in_mid_air_is_waited_for_once_and_used_again() -> (
    None
):
    now = 0.0
    async with redis_server() as server:
        lock = RedisKeyedLock.at(
            server.url,
            line=InMemoryKeyedLock(),
            patience=timedelta(milliseconds=100),
            now=lambda: now,
        )
        holder = Visitor(lock, KEY)
        await holder.got_in()
        server.fall_silent()

        async with asyncio.timeout(5):
            await assert_free(lock, "another key")  # after the patience of one command
            assert await holder.leaves() == "done"
            await assert_free(lock, KEY)

        server.speak_again()
        await server.ready()
        now += 6  # the pause is over
        async with (
            Redis.from_url(server.url) as client,
            lock.hold("a third key", wait=AT_ONCE, operation="go on"),
        ):
            assert await client.exists(PREFIX + "a third key")
        await lock.close()


async def test_who_is_called_away_while_another_process_holds_leaves_nothing(
    shared_redis: RedisServer, client: Redis
) -> None:
    async with redis_lock(shared_redis.url) as one, redis_lock(shared_redis.url) as two:
        holder = Visitor(one, KEY)
        await holder.got_in()
        called_away, next_in = Visitor(two, KEY), Visitor(two, KEY)
        await waiting(two, 2)
        called_away.visit.cancel()
        await waiting(two, 1)

        await holder.leaves()
        await next_in.got_in()
        await next_in.leaves()

        assert called_away.visit.cancelled()
        assert two.statistics().waiting == 0
        assert not await client.keys()


async def test_leases_that_are_lost_all_the_time_sell_no_place_twice(
    shared_redis: RedisServer, client: Redis
) -> None:
    """As if every holder were slower than its lease."""
    world = World()
    is_over = asyncio.Event()  # redis-py may swallow a cancellation

    async def lose() -> None:
        while not is_over.is_set():
            await client.flushall()

    async with redis_lock(shared_redis.url) as one, redis_lock(shared_redis.url) as two:
        instances = [world.instance(lock=one), world.instance(lock=two, worker="two")]
        losing = asyncio.create_task(lose())
        with capture_logs():  # of locks that were lost
            answers = await asyncio.gather(
                *(world.check_out(service=instances[n % 2]) for n in range(40))
            )
        is_over.set()
        await losing

    assert len({answer.purchase.id for answer in answers}) == 1
    assert world.sessions_created == 1


# What is counted means the same, wherever the lock is


async def called_again(lock: KeyedLock) -> None:
    async with lock.hold(KEY, operation="outer"):
        with pytest.raises(LockNotReentrant):
            await lock.hold(KEY, operation="inner").__aenter__()


async def called_away(lock: KeyedLock) -> None:
    holder, waiter = Visitor(lock, KEY), Visitor(lock, KEY)
    await holder.got_in()
    await waiting(lock, 1)
    waiter.visit.cancel()
    await asyncio.wait([waiter.visit])
    await holder.leaves()


async def lost_patience(lock: KeyedLock) -> None:
    holder = Visitor(lock, KEY)
    await holder.got_in()
    await assert_taken(lock, KEY)
    await holder.leaves()


async def broke_down(lock: KeyedLock) -> None:
    holder = Visitor(lock, KEY, error=ValueError("broke down"))
    await holder.got_in()
    heir = Visitor(lock, KEY)
    await waiting(lock, 1)
    with pytest.raises(ValueError, match="broke down"):
        await holder.leaves()
    await heir.got_in()
    await heir.leaves()


async def lost_patience_inside(lock: KeyedLock) -> None:
    holder = Visitor(lock, "another key")
    await holder.got_in()
    with pytest.raises(LockTimeout):
        async with lock.hold(KEY, operation="outer"):
            await lock.hold("another key", wait=AT_ONCE, operation="inner").__aenter__()
    await holder.leaves()


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize(
    "story",
    [called_again, called_away, lost_patience, broke_down, lost_patience_inside],
)
async def test_both_locks_count_alike(
    story: Callable[[KeyedLock], Awaitable[None]],
    shared_redis: RedisServer,
) -> None:
    def counted(lock: KeyedLock) -> list[int]:
        seen = lock.statistics()
        times = (seen.wait_times, seen.hold_times)
        return [
            *(seen.acquired, seen.contended, seen.timed_out, seen.active, seen.waiting),
            *(sum(each.counts) for each in times),
        ]

    in_memory = InMemoryKeyedLock()
    await story(in_memory)
    async with redis_lock(shared_redis.url) as shared:
        await story(shared)

        assert counted(shared) == counted(in_memory)
