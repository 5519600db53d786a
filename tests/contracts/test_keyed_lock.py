"""What every keyed lock promises.

The first system's lock had 27 tests, and it let 999 of 1,000 callers in at once: its
operations never awaited, so nothing ever raced.  All 27 are kept here with operations
that give way.  `(m)` marks those in `tests/adapters/in_memory/test_locks.py`, `(p)`
those in `tests/application/ports/test_locks.py`.

 1 hold, ask and no more          (p) test_a_lock_can_be_held_and_asked_and_nothing_else
 2 runs the operation              test_a_free_key_is_had_without_waiting
 3 keys are independent            test_other_keys_do_not_wait
 4 results pass unchanged          test_the_result_is_the_operations_own
 5 one after another               test_callers_of_one_key_follow_each_other
 6 three in line                   test_l1_those_who_waited_together_enter_one_by_one
 7 errors reach the caller         test_an_error_reaches_the_caller_and_frees_the_key
 8 errors free the key             (the same)
 9 the next goes on after an error test_an_error_does_not_stop_the_next_in_line
10 errors stay with their key      test_an_error_leaves_other_keys_alone
11 a waiter times out              test_waiting_ends_and_the_holder_goes_on
12 the default wait                (m) test_a_caller_waits_five_seconds_unless_told
13 a wait of one's own             test_a_timeout_leaves_other_keys_usable
14 acquisitions are counted        test_statistics_count_every_acquisition
15 active locks are visible        test_statistics_show_who_holds_what_for_whom
16 waits are timed                 test_an_uncontended_wait_is_no_wait
17-19 clearing all locks           gone on purpose: a held lock is never broken; see 1
20 five rapid calls, in order      (m) test_a_thousand_are_served_in_the_order_they_came
21 operations done at once         test_the_result_is_the_operations_own
22 quick and slow mixed            test_quick_and_slow_operations_mix
23 nothing as a result             test_the_result_is_the_operations_own
24-25 a singleton                  (m) test_two_locks_know_nothing_of_each_other
26 ten buyers, five places         test_ten_buyers_get_five_places
27 places of two kinds             test_places_of_two_kinds_are_sold_apart
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from random import Random

import pytest

from adapters.in_memory.locks import InMemoryKeyedLock
from application.errors import ApplicationError
from application.ports.locks import KeyedLock, LockNotReentrant, LockTimeout
from tests.contracts.lock_callers import (
    AT_ONCE,
    LONG,
    Visitor,
    assert_free,
    assert_taken,
    most_inside,
    sold,
    waiting,
)
from tests.fakes.locks import LyingLock, NoLock, PredecessorLock

SOON = timedelta(milliseconds=10)


# Exclusion


async def test_a_free_key_is_had_without_waiting(locks: KeyedLock) -> None:
    async with locks.hold("spot", wait=AT_ONCE, operation="look"):
        held = locks.statistics().active

    assert held == 1
    assert locks.statistics().contended == 0


async def test_other_keys_do_not_wait(locks: KeyedLock) -> None:
    both_inside = asyncio.Barrier(2)

    async def enter(key: str) -> None:
        async with locks.hold(key, wait=AT_ONCE, operation="meet"):
            await both_inside.wait()

    async with asyncio.timeout(5):
        await asyncio.gather(enter("ada"), enter("grace"))


async def test_callers_of_one_key_follow_each_other(locks: KeyedLock) -> None:
    steps: list[str] = []

    async def enter(name: str) -> None:
        async with locks.hold("spot", wait=LONG, operation="enter"):
            steps.append(f"{name} in")
            await asyncio.sleep(0)
            steps.append(f"{name} out")

    await asyncio.gather(enter("ada"), enter("grace"))

    assert steps == ["ada in", "ada out", "grace in", "grace out"]


@pytest.mark.parametrize("callers", [2, 3, 10, 1_000])
async def test_l1_those_who_waited_together_enter_one_by_one(
    locks: KeyedLock, callers: int
) -> None:
    assert await most_inside(locks, callers) == 1


async def test_l2_leaving_does_not_free_a_key_that_another_holds(
    locks: KeyedLock,
) -> None:
    first = Visitor(locks, "spot")
    await first.got_in()
    second = Visitor(locks, "spot")
    third = Visitor(locks, "spot")
    await waiting(locks, 2)

    await first.leaves()
    await second.got_in()
    await assert_taken(locks, "spot")
    await second.leaves()
    await third.got_in()

    assert locks.statistics().active == 1
    await assert_taken(locks, "spot")
    await third.leaves()
    await assert_free(locks, "spot")


async def test_ten_buyers_get_five_places(locks: KeyedLock) -> None:
    assert await sold(locks, places=5, buyers=10) == 5


async def test_places_of_two_kinds_are_sold_apart(locks: KeyedLock) -> None:
    choir, chess = await asyncio.gather(
        sold(locks, places=2, buyers=4, key="choir"),
        sold(locks, places=3, buyers=4, key="chess"),
    )

    assert (choir, chess) == (2, 3)


@pytest.mark.parametrize(
    "make",
    [
        NoLock,
        lambda: LyingLock(InMemoryKeyedLock(), random=Random(1)),
        PredecessorLock,
    ],
    ids=["no lock", "lying lock", "predecessor's lock"],
)
async def test_l8_these_checks_find_out_a_lock_that_excludes_nobody(
    make: Callable[[], KeyedLock],
) -> None:
    assert await most_inside(make(), 10) > 1
    assert await sold(make(), places=5, buyers=10) > 5


# Results and errors


@pytest.mark.parametrize(
    "result", [7, "page", (1, 2), [1, 2], {"id": 1}, object(), None, False]
)
async def test_the_result_is_the_operations_own(
    locks: KeyedLock, result: object
) -> None:
    async def operation() -> object:
        async with locks.hold("spot", wait=AT_ONCE, operation="look"):
            return result

    assert await operation() is result


async def test_quick_and_slow_operations_mix(locks: KeyedLock) -> None:
    done: list[int] = []

    async def operation(yields: int) -> None:
        async with locks.hold("spot", wait=LONG, operation="mix"):
            for _ in range(yields):
                await asyncio.sleep(0)
            done.append(yields)

    await asyncio.gather(*(operation(yields) for yields in (3, 0, 2, 0, 1)))

    assert sorted(done) == [0, 0, 1, 2, 3]
    await assert_free(locks, "spot")


async def test_an_error_reaches_the_caller_and_frees_the_key(locks: KeyedLock) -> None:
    error = ValueError("no such program")

    async def operation() -> None:
        async with locks.hold("spot", wait=AT_ONCE, operation="look"):
            await asyncio.sleep(0)
            raise error

    with pytest.raises(ValueError, match="no such program") as raised:
        await operation()

    assert raised.value is error
    await assert_free(locks, "spot")


async def test_an_error_does_not_stop_the_next_in_line(locks: KeyedLock) -> None:
    first = Visitor(locks, "spot", error=ValueError("broke down"))
    await first.got_in()
    second = Visitor(locks, "spot")
    await waiting(locks, 1)

    with pytest.raises(ValueError, match="broke down"):
        await first.leaves()
    await second.got_in()

    assert await second.leaves() == "done"


async def test_an_error_leaves_other_keys_alone(locks: KeyedLock) -> None:
    ada = Visitor(locks, "ada", error=ValueError("broke down"))
    grace = Visitor(locks, "grace")
    await ada.got_in()
    await grace.got_in()

    with pytest.raises(ValueError, match="broke down"):
        await ada.leaves()

    await assert_taken(locks, "grace")
    assert await grace.leaves() == "done"


# Waiting


async def test_waiting_ends_and_the_holder_goes_on(locks: KeyedLock) -> None:
    holder = Visitor(locks, "purchase:create:ada:choir")
    await holder.got_in()

    with pytest.raises(LockTimeout) as refused:
        async with locks.hold(
            "purchase:create:ada:choir", wait=SOON, operation="checkout"
        ):
            pytest.fail("two holders at once")

    assert isinstance(refused.value, ApplicationError)
    assert refused.value.code == "lock_timeout"
    assert refused.value.key == "purchase:create:ada:choir"
    assert timedelta() < refused.value.waited < LONG
    assert str(refused.value) == (
        "Purchase operation in progress, please wait and try again."
    )
    assert not holder.visit.done()
    assert await holder.leaves() == "done"


async def test_a_timeout_leaves_other_keys_usable(locks: KeyedLock) -> None:
    ada = Visitor(locks, "ada")
    await ada.got_in()

    await assert_taken(locks, "ada")
    await assert_free(locks, "grace")
    await ada.leaves()
    await assert_free(locks, "ada")


async def test_l3_l4_an_endless_holder_is_kept_and_shown(locks: KeyedLock) -> None:
    holder = Visitor(locks, "spot")
    await holder.got_in()

    for _ in range(3):
        await assert_taken(locks, "spot")

    (held,) = locks.statistics().held
    assert (held.key, held.operation, held.queue_length) == ("spot", "visit", 0)
    assert held.age > timedelta()
    assert locks.statistics().timed_out == 3
    assert await holder.leaves() == "done"


async def test_a_cancelled_waiter_leaves_its_place_to_the_next(
    locks: KeyedLock,
) -> None:
    first, second, third = (Visitor(locks, "spot") for _ in range(3))
    await first.got_in()
    await waiting(locks, 2)

    second.visit.cancel()
    await waiting(locks, 1)
    await first.leaves()
    await third.got_in()

    assert not second.is_in.is_set()
    await third.leaves()
    await assert_free(locks, "spot")


async def test_a_cancelled_holder_frees_the_key(locks: KeyedLock) -> None:
    holder = Visitor(locks, "spot")
    await holder.got_in()

    holder.visit.cancel()
    with pytest.raises(asyncio.CancelledError):
        await holder.visit

    await assert_free(locks, "spot")


# Asking twice


async def test_l5_a_task_that_asks_again_is_told_at_once(locks: KeyedLock) -> None:
    async with asyncio.timeout(5), locks.hold("spot", wait=LONG, operation="outer"):
        with pytest.raises(LockNotReentrant, match="spot") as bug:
            async with locks.hold("spot", wait=LONG, operation="inner"):
                pytest.fail("two holders at once")
        assert locks.statistics().active == 1

    assert bug.value.key == "spot"
    assert not isinstance(bug.value, ApplicationError)
    await assert_free(locks, "spot")


async def test_l5_a_task_may_hold_several_keys(locks: KeyedLock) -> None:
    async with (
        locks.hold("ada", wait=AT_ONCE, operation="outer"),
        locks.hold("grace", wait=AT_ONCE, operation="inner"),
    ):
        assert {each.key for each in locks.statistics().held} == {"ada", "grace"}

    assert locks.statistics().active == 0


async def test_l5_two_tasks_in_each_others_way_are_parted(locks: KeyedLock) -> None:
    both_inside = asyncio.Barrier(2)

    async def cross(first: str, second: str, *, wait: timedelta) -> str:
        async with locks.hold(first, wait=AT_ONCE, operation="outer"):
            await both_inside.wait()
            try:
                async with locks.hold(second, wait=wait, operation="inner"):
                    return "crossed"
            except LockTimeout:
                return "gave way"

    async with asyncio.timeout(5):
        ada, grace = await asyncio.gather(
            cross("ada", "grace", wait=SOON), cross("grace", "ada", wait=LONG)
        )

    assert (ada, grace) == ("gave way", "crossed")


# Statistics


async def test_statistics_count_every_acquisition(locks: KeyedLock) -> None:
    for _ in range(2):
        await assert_free(locks, "spot")

    statistics = locks.statistics()
    assert (statistics.acquired, statistics.active, statistics.held) == (2, 0, ())


async def test_statistics_show_who_holds_what_for_whom(locks: KeyedLock) -> None:
    first, second = Visitor(locks, "spot"), Visitor(locks, "spot")
    await first.got_in()
    await waiting(locks, 1)
    async with locks.hold("other", wait=AT_ONCE, operation="refund"):
        statistics = locks.statistics()

    assert (statistics.active, statistics.waiting, statistics.contended) == (2, 1, 1)
    assert [(h.key, h.operation, h.queue_length) for h in statistics.held] == [
        ("spot", "visit", 1),
        ("other", "refund", 0),
    ]
    await first.leaves()
    await second.leaves()
    assert locks.statistics().waiting == 0


async def test_an_uncontended_wait_is_no_wait(locks: KeyedLock) -> None:
    async with locks.hold("spot", wait=LONG, operation="work"):
        await asyncio.wait([asyncio.create_task(asyncio.sleep(0))])

    statistics = locks.statistics()
    assert statistics.wait_times.max < statistics.hold_times.max


async def test_l7_failed_operations_and_timeouts_are_counted(locks: KeyedLock) -> None:
    holder = Visitor(locks, "spot", error=ValueError("broke down"))
    await holder.got_in()
    await assert_taken(locks, "spot")
    with pytest.raises(ValueError, match="broke down"):
        await holder.leaves()

    statistics = locks.statistics()
    assert (statistics.acquired, statistics.timed_out) == (1, 1)
    assert statistics.hold_times.max > timedelta()
