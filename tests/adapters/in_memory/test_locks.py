import asyncio
from datetime import timedelta

import pytest

from adapters.in_memory.locks import REMEMBERED, InMemoryKeyedLock
from application.ports.locks import (
    CHECKOUT_WAIT,
    LockNotReentrant,
    LockTimeout,
    Spread,
)
from tests.contracts.lock_callers import (
    AT_ONCE,
    LONG,
    Visitor,
    assert_free,
    assert_taken,
    waiting,
)
from tests.fakes.virtual_time import run_in_virtual_time, virtual_time_loop

MANY = 100_000


@pytest.fixture
def locks() -> InMemoryKeyedLock:
    return InMemoryKeyedLock()


def virtual_lock() -> InMemoryKeyedLock:
    return InMemoryKeyedLock(now=virtual_time_loop().time)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def assert_remembers_no_key(locks: InMemoryKeyedLock) -> None:
    assert (locks._state.holders, locks._state.lines) == ({}, {})


async def use(locks: InMemoryKeyedLock, key: str, *, for_seconds: float) -> None:
    async with locks.hold(key, wait=LONG, operation="use"):
        await asyncio.sleep(for_seconds)


# Fairness


async def test_a_thousand_are_served_in_the_order_they_came(
    locks: InMemoryKeyedLock,
) -> None:
    served: list[int] = []

    async def enter(number: int) -> None:
        async with locks.hold("spot", wait=LONG, operation="enter"):
            await asyncio.sleep(0)
            served.append(number)

    await asyncio.gather(*(enter(number) for number in range(1_000)))

    assert served == list(range(1_000))
    assert_remembers_no_key(locks)


async def test_a_newcomer_does_not_overtake_the_one_who_was_handed_the_key(
    locks: InMemoryKeyedLock,
) -> None:
    async with locks.hold("spot", operation="first"):
        heir = Visitor(locks, "spot")
        await waiting(locks, 1)
    assert not heir.is_in.is_set()

    await assert_taken(locks, "spot")
    await heir.leaves()
    await assert_free(locks, "spot")


async def test_two_locks_know_nothing_of_each_other(locks: InMemoryKeyedLock) -> None:
    other = InMemoryKeyedLock()

    async with locks.hold("spot", operation="here"):
        await assert_free(other, "spot")

    assert (locks.statistics().acquired, other.statistics().acquired) == (1, 1)


def test_who_is_who_is_known_in_another_loop_too() -> None:
    locks = InMemoryKeyedLock()

    async def story() -> None:
        holder = Visitor(locks, "spot")
        await holder.got_in()
        await assert_taken(locks, "spot")
        await holder.leaves()
        async with locks.hold("spot", operation="outer"):
            with pytest.raises(LockNotReentrant):
                await locks.hold("spot", operation="inner").__aenter__()

    for _ in range(2):
        run_in_virtual_time(story())


def test_nobody_can_break_a_held_lock(locks: InMemoryKeyedLock) -> None:
    assert {name for name in dir(locks) if not name.startswith("_")} == {
        "hold",
        "statistics",
    }


async def test_only_the_holder_can_let_go(locks: InMemoryKeyedLock) -> None:
    former = locks.hold("spot", operation="former")
    async with former:
        pass

    async with locks.hold("spot", operation="present"):
        with pytest.raises(RuntimeError, match="does not hold it"):
            await former.__aexit__(None, None, None)
        with pytest.raises(LockTimeout):
            await asyncio.create_task(use_at_once(locks, "spot"))
    assert_remembers_no_key(locks)


async def use_at_once(locks: InMemoryKeyedLock, key: str) -> None:
    async with locks.hold(key, wait=AT_ONCE, operation="use"):
        pytest.fail("two holders at once")


# Races between handing over, cancelling and giving up


async def test_a_key_handed_to_a_cancelled_waiter_is_passed_on(
    locks: InMemoryKeyedLock,
) -> None:
    async with locks.hold("spot", operation="first"):
        second = Visitor(locks, "spot")
        await waiting(locks, 1)
        third = Visitor(locks, "spot")
        await waiting(locks, 2)
    second.visit.cancel()  # it has the key and does not know yet

    await third.got_in()
    assert second.visit.cancelled()
    await third.leaves()
    assert_remembers_no_key(locks)


async def test_a_key_handed_to_the_last_waiter_comes_back_when_it_is_cancelled(
    locks: InMemoryKeyedLock,
) -> None:
    async with locks.hold("spot", operation="first"):
        second = Visitor(locks, "spot")
        await waiting(locks, 1)
    second.visit.cancel()

    with pytest.raises(asyncio.CancelledError):
        await second.visit
    assert_remembers_no_key(locks)
    assert locks.statistics().acquired == 1


async def test_a_key_is_not_handed_to_a_waiter_who_was_just_cancelled(
    locks: InMemoryKeyedLock,
) -> None:
    async with locks.hold("spot", operation="first"):
        second = Visitor(locks, "spot")
        await waiting(locks, 1)
        third = Visitor(locks, "spot")
        await waiting(locks, 2)
        second.visit.cancel()  # it still stands in line, asleep

    await third.got_in()
    assert second.visit.cancelled()
    await third.leaves()
    assert_remembers_no_key(locks)


async def test_a_line_that_was_cancelled_whole_is_forgotten(
    locks: InMemoryKeyedLock,
) -> None:
    async with locks.hold("spot", operation="first"):
        line = [Visitor(locks, "spot") for _ in range(100)]
        await waiting(locks, 100)
        for visitor in reversed(line):
            visitor.visit.cancel()
        await asyncio.wait([visitor.visit for visitor in line])
        assert locks.statistics().waiting == 0

    assert_remembers_no_key(locks)


async def test_a_waiter_that_is_thrown_away_leaves_the_line(
    locks: InMemoryKeyedLock,
) -> None:
    holder = Visitor(locks, "spot")
    await holder.got_in()

    waiter = locks.hold("spot", operation="never awaited to the end").__aenter__()
    waiter.send(None)
    assert locks.statistics().waiting == 1
    waiter.close()

    assert locks.statistics().waiting == 0
    await holder.leaves()
    assert_remembers_no_key(locks)


def test_a_waiter_cancelled_as_its_time_runs_out_takes_nothing_along() -> None:
    async def story() -> None:
        locks = virtual_lock()
        async with locks.hold("spot", operation="first"):
            waiter = asyncio.create_task(use_at_once(locks, "spot"))
            await waiting(locks, 1)
            await waiting(locks, 0)  # its time is up and it does not know yet
            waiter.cancel()
            await asyncio.wait([waiter])
            assert waiter.cancelled()
            await asyncio.create_task(assert_taken(locks, "spot"))
        assert_remembers_no_key(locks)
        assert locks.statistics().timed_out == 1

    run_in_virtual_time(story())


# Waiting, in virtual time


def test_a_caller_waits_five_seconds_unless_told() -> None:
    async def story() -> None:
        locks = virtual_lock()
        holder = asyncio.create_task(use(locks, "spot", for_seconds=60))
        await asyncio.sleep(1)

        with pytest.raises(LockTimeout) as refused:
            await locks.hold("spot", operation="default").__aenter__()

        assert virtual_time_loop().time() == 6
        assert refused.value.waited == seconds(5)
        await holder

    run_in_virtual_time(story())


def test_l3_l4_the_timeout_bounds_the_waiting_and_never_the_holding() -> None:
    async def story() -> None:
        locks = virtual_lock()
        endless = asyncio.create_task(use(locks, "spot", for_seconds=3_600))
        await asyncio.sleep(3_000)
        waiter = asyncio.create_task(use(locks, "spot", for_seconds=0))
        with pytest.raises(LockTimeout):
            await locks.hold(
                "spot", wait=CHECKOUT_WAIT, operation="checkout"
            ).__aenter__()

        (held,) = locks.statistics().held
        assert (held.operation, held.age) == ("use", seconds(3_010))
        assert held.queue_length == 1
        with pytest.raises(LockTimeout):
            await waiter
        await endless
        assert locks.statistics().hold_times.max == seconds(3_600)

    run_in_virtual_time(story())


def test_l6_no_timer_outlives_the_wait_it_bounds() -> None:
    async def story() -> None:
        locks = virtual_lock()
        await asyncio.gather(*(use(locks, "spot", for_seconds=0) for _ in range(1_000)))

        assert locks.statistics().contended == 999
        assert virtual_time_loop().live_timers() == 0

        async with locks.hold("spot", operation="first"):
            cancelled = asyncio.create_task(use(locks, "spot", for_seconds=0))
            await waiting(locks, 1)
            assert virtual_time_loop().live_timers() > 0
            cancelled.cancel()
            await asyncio.wait([cancelled])
            assert virtual_time_loop().live_timers() == 0

    run_in_virtual_time(story())


def test_l6_a_free_key_sets_no_timer() -> None:
    async def story() -> None:
        async with virtual_lock().hold("spot", operation="work"):
            assert virtual_time_loop().live_timers() == 0

    run_in_virtual_time(story())


# Statistics, in virtual time


def test_l7_slow_work_does_not_look_like_contention() -> None:
    async def story() -> None:
        locks = virtual_lock()
        await use(locks, "spot", for_seconds=0.5)

        statistics = locks.statistics()
        assert (statistics.acquired, statistics.contended) == (1, 0)
        assert statistics.wait_times == Spread.of([0.0])
        assert statistics.hold_times.mean == seconds(0.5)

    run_in_virtual_time(story())


def test_l7_a_wait_is_timed_whether_it_ended_well_or_not() -> None:
    async def story() -> None:
        locks = virtual_lock()
        holder = asyncio.create_task(use(locks, "spot", for_seconds=4))
        await asyncio.sleep(1)
        served = asyncio.create_task(use(locks, "spot", for_seconds=2))
        called_away = asyncio.create_task(use(locks, "spot", for_seconds=2))
        await asyncio.sleep(1)
        called_away.cancel()
        with pytest.raises(LockTimeout):
            await locks.hold("spot", wait=seconds(1), operation="late").__aenter__()
        await asyncio.gather(holder, served)

        statistics = locks.statistics()
        assert (statistics.acquired, statistics.contended) == (2, 3)
        assert statistics.timed_out == 1
        assert statistics.wait_times.mean == seconds(4 / 3)  # 0, 3 and 1
        assert statistics.wait_times.max == seconds(3)
        assert statistics.hold_times.mean == seconds(3)  # 4 and 2

    run_in_virtual_time(story())


def test_those_who_hold_longest_are_shown_first() -> None:
    async def story() -> None:
        locks = virtual_lock()
        second = asyncio.create_task(use(locks, "b", for_seconds=9))
        await asyncio.sleep(1)
        heir = asyncio.create_task(use(locks, "b", for_seconds=9))
        third = asyncio.create_task(use(locks, "a", for_seconds=20))
        await asyncio.sleep(9)

        held = locks.statistics().held
        assert [(each.key, each.age) for each in held] == [
            ("a", seconds(9)),
            ("b", seconds(1)),  # the heir's age counts from being handed the key
        ]
        await asyncio.gather(second, heir, third)

    run_in_virtual_time(story())


# Bounds


async def test_an_idle_lock_remembers_no_key_and_a_bounded_past(
    locks: InMemoryKeyedLock,
) -> None:
    for number in range(MANY):
        async with locks.hold(f"buyer {number}", operation="pass through"):
            pass

    assert_remembers_no_key(locks)
    assert locks.statistics().acquired == MANY
    assert len(locks._state.waits) == len(locks._state.holds) == REMEMBERED


async def test_keys_that_were_waited_for_are_forgotten_too(
    locks: InMemoryKeyedLock,
) -> None:
    keys = [f"buyer {number}" for number in range(MANY // 100)]

    async def enter(key: str) -> None:
        async with locks.hold(key, operation="enter"):
            await asyncio.sleep(0)

    await asyncio.gather(*(enter(key) for key in keys * 3))

    assert locks.statistics().contended == 2 * len(keys)
    assert_remembers_no_key(locks)
