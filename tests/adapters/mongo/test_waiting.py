"""The locks of the driver outlive it that whoever waits for them is cut off."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any

import pytest
from pymongo import lock

from adapters.mongo.connection import mongo_client

WaitFor = Callable[[Awaitable[Any], float], Awaitable[Any]]
LONG = 60.0

as_shipped = pytest.mark.skipif(
    sys.version_info >= (3, 12), reason="3.12 waits in place"
)


@pytest.fixture
def wait_for() -> WaitFor:
    """Return what the driver waits with once a client was made."""
    mongo_client("mongodb://127.0.0.1:1")
    waits: WaitFor = vars(lock)["wait_for"]
    return waits


@pytest.fixture
def shipped_wait_for() -> WaitFor:
    """Return what this Python has, which something may have replaced since."""
    name = "asyncio._tasks_as_shipped"
    spec = spec_from_file_location(name, asyncio.tasks.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    waits: WaitFor = module.wait_for
    return waits


async def a_few_turns() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def is_ours_while_another_is_cut_off(wait_for: WaitFor) -> bool:
    """Say whether we still hold a lock for which somebody waits who is cut off twice.

    As when a wait runs out and whoever asked for it gives up at the same moment.
    """
    condition = lock.Condition(lock.Lock())

    async def waits() -> None:
        async with condition:
            await wait_for(condition.wait(), LONG)

    other = asyncio.create_task(waits())
    await a_few_turns()
    await condition.acquire()
    for _ in range(2):
        other.cancel()
        await a_few_turns()
    is_ours: bool = condition.locked() and not other.done()
    if is_ours:
        condition.release()
    await asyncio.wait({other}, timeout=1)
    await a_few_turns()
    return is_ours and not condition.locked()


async def is_cut_off_at_the_last_moment(wait_for: WaitFor) -> bool:
    """Say whether somebody notices who is cut off when the answer is just there."""
    answer = asyncio.get_running_loop().create_future()

    async def asks() -> None:
        await wait_for(answer, LONG)

    task = asyncio.create_task(asks())
    await a_few_turns()
    answer.set_result(None)
    task.cancel()
    await asyncio.wait({task})
    return task.cancelled()


async def test_a_lock_stays_with_whoever_holds_it(wait_for: WaitFor) -> None:
    assert await is_ours_while_another_is_cut_off(wait_for)


@as_shipped
async def test_without_mending_it_is_lost(shipped_wait_for: WaitFor) -> None:
    assert not await is_ours_while_another_is_cut_off(shipped_wait_for)


async def test_nobody_overhears_that_he_is_cut_off(wait_for: WaitFor) -> None:
    assert await is_cut_off_at_the_last_moment(wait_for)


@as_shipped
async def test_without_mending_it_is_overheard(shipped_wait_for: WaitFor) -> None:
    assert not await is_cut_off_at_the_last_moment(shipped_wait_for)


async def test_a_wait_still_ends_in_time(wait_for: WaitFor) -> None:
    with pytest.raises(TimeoutError):
        await wait_for(asyncio.Event().wait(), 0.01)
