"""What only a lock between processes can get wrong: hazard 43."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from adapters.in_memory.locks import InMemoryKeyedLock
from adapters.redis.locks import PREFIX, RedisKeyedLock
from tests.application.world import World
from tests.contracts.lock_callers import (
    AT_ONCE,
    LONG,
    Visitor,
    assert_free,
    assert_taken,
)
from tests.servers.redis import RedisServer, redis_lock, redis_server
from tests.servers.service import free_port
from tests.waiting import eventually

KEY = "spot"
NAME = PREFIX + KEY
SHORT = timedelta(milliseconds=300)
NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture
async def two(
    shared_redis: RedisServer, client: Redis
) -> AsyncIterator[tuple[RedisKeyedLock, RedisKeyedLock]]:
    """Two processes before one Redis."""
    assert not await client.keys()
    async with (
        redis_lock(shared_redis.url) as one,
        redis_lock(shared_redis.url) as other,
    ):
        yield one, other


async def test_two_processes_exclude_each_other(
    two: tuple[RedisKeyedLock, RedisKeyedLock], client: Redis
) -> None:
    one, other = two
    holder = Visitor(one, KEY)
    await holder.got_in()

    await assert_taken(other, KEY)
    await assert_free(other, "another key")
    next_in = Visitor(other, KEY)
    await holder.leaves()
    await next_in.got_in()

    await assert_taken(one, KEY)
    await next_in.leaves()
    assert not await client.keys()


async def test_waiting_for_another_process_counts_as_waiting(
    two: tuple[RedisKeyedLock, RedisKeyedLock],
) -> None:
    one, other = two
    holder = Visitor(one, KEY)
    await holder.got_in()

    await assert_taken(other, KEY)

    statistics = other.statistics()
    assert (statistics.contended, statistics.timed_out) == (1, 1)
    assert (statistics.acquired, statistics.active, statistics.waiting) == (0, 0, 0)
    assert statistics.hold_times.max == timedelta()
    await holder.leaves()


async def test_what_is_held_is_kept_for_longer_than_a_lease(
    shared_redis: RedisServer, client: Redis
) -> None:
    async with redis_lock(shared_redis.url, lease=SHORT) as lock:
        holder = Visitor(lock, KEY)
        await holder.got_in()

        for _ in range(3):  # nearly over, and renewed each time
            await client.pexpire(NAME, 150)

            async def is_renewed() -> bool:
                return int(await client.pttl(NAME)) > 150

            await eventually(is_renewed)
        await holder.leaves()


async def test_what_a_dead_process_held_lapses(
    two: tuple[RedisKeyedLock, RedisKeyedLock], client: Redis
) -> None:
    await client.set(NAME, "of a process that died", px=20)

    async with asyncio.timeout(5), two[0].hold(KEY, wait=LONG, operation="go on"):
        assert await client.get(NAME) != b"of a process that died"


async def test_a_lost_lock_lets_another_in_and_takes_nothing_from_it(
    two: tuple[RedisKeyedLock, RedisKeyedLock], client: Redis
) -> None:
    """As after a failover to a replica that never heard of it."""
    one, other = two
    first = Visitor(one, KEY)
    await first.got_in()
    await client.flushall()
    second = Visitor(other, KEY)
    await second.got_in()
    held = await client.get(NAME)

    with capture_logs() as lines:
        await first.leaves()

    assert await client.get(NAME) == held
    assert [line["event"] for line in lines] == ["lock was lost before its end"]
    await second.leaves()


async def test_where_nobody_listens_there_is_no_lock_and_one_warning() -> None:
    async with redis_lock(NOWHERE) as lock:
        with capture_logs() as lines:
            for _ in range(3):
                await assert_free(lock, KEY)

    assert [line["event"] for line in lines] == ["no lock while redis is silent"]
    assert lock.statistics().acquired == 3


async def test_who_shares_a_process_still_stands_in_line_while_redis_is_down() -> None:
    async with redis_lock(NOWHERE) as lock:
        holder = Visitor(lock, KEY)
        await holder.got_in()

        await assert_taken(lock, KEY)
        await holder.leaves()


async def test_a_redis_that_is_killed_stops_nobody_and_is_used_when_it_is_back() -> (
    None
):
    now = 0.0
    async with redis_server() as server:
        lock = RedisKeyedLock.at(server.url, line=InMemoryKeyedLock(), now=lambda: now)
        holder = Visitor(lock, KEY)
        await holder.got_in()
        server.kill()

        assert await holder.leaves() == "done"
        await assert_free(lock, KEY)

        await server.start()
        now += 6  # the pause is over
        async with (
            Redis.from_url(server.url) as client,
            lock.hold(KEY, wait=AT_ONCE, operation="go on"),
        ):
            assert await client.exists(NAME)
        await lock.close()


async def test_a_redis_that_never_answers_is_not_waited_for() -> None:
    async def swallow(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.read()
        writer.close()

    port = free_port()
    hole = await asyncio.start_server(swallow, "127.0.0.1", port)
    patience = timedelta(milliseconds=50)
    lock = RedisKeyedLock.at(
        f"redis://127.0.0.1:{port}/0", line=InMemoryKeyedLock(), patience=patience
    )

    async with asyncio.timeout(5):
        await assert_free(lock, KEY)

    await lock.close()
    hole.close()


async def test_while_it_is_silent_nobody_asks_it_again() -> None:
    asked: list[bytes] = []

    async def hang_up(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        asked.append(await reader.read(1))
        writer.close()

    port, now = free_port(), 0.0
    server = await asyncio.start_server(hang_up, "127.0.0.1", port)
    lock = RedisKeyedLock.at(
        f"redis://127.0.0.1:{port}/0", line=InMemoryKeyedLock(), now=lambda: now
    )

    await assert_free(lock, KEY)
    before = len(asked)
    await assert_free(lock, KEY)
    assert len(asked) == before > 0
    now = 5.1
    await assert_free(lock, KEY)
    assert len(asked) > before

    await lock.close()
    server.close()


async def test_a_redis_that_refuses_is_like_none(client: Redis) -> None:
    """A replica that may not be written to, after a failover."""
    address = client.connection_pool.connection_kwargs
    await client.replicaof("127.0.0.1", 1)
    try:
        url = f"redis://127.0.0.1:{address['port']}/0"
        async with redis_lock(url) as lock:
            await assert_free(lock, KEY)
    finally:
        await client.replicaof("NO", "ONE")


async def test_without_redis_a_hundred_clicks_on_two_instances_buy_once() -> None:
    world = World()
    async with redis_lock(NOWHERE) as one, redis_lock(NOWHERE) as other:
        instances = [world.instance(lock=one), world.instance(lock=other, worker="two")]

        answers = await asyncio.gather(
            *(world.check_out(service=instances[n % 2]) for n in range(100))
        )

    assert len({answer.purchase.id for answer in answers}) == 1
    assert world.sessions_created == 1
