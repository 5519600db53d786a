import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from application.ports.storage import StorageUnavailable
from application.ports.urgency import can_wait
from entrypoints.http.background import MailLoop

AT_ONCE = timedelta(milliseconds=1)


class Bell:
    """Rings when a test says so; `waits` counts who came to wait."""

    def __init__(self) -> None:
        self.rung = asyncio.Event()
        self.pauses: list[timedelta] = []
        self.waited = asyncio.Event()

    def ring(self) -> None:
        self.rung.set()

    async def wait(self, timeout: timedelta) -> bool:  # noqa: ASYNC109
        self.pauses.append(timeout)
        self.waited.set()
        await self.rung.wait()
        self.rung.clear()
        return True


class Deliveries:
    """Does each planned thing once, then has nothing more to send."""

    def __init__(self, *plan: int | Exception) -> None:
        self.plan = list(plan)
        self.calls = 0
        self.entered = asyncio.Event()
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()
        self.finished = 0
        self.gave_way: list[bool] = []

    async def __call__(self) -> int:
        self.calls += 1
        self.gave_way.append(can_wait())
        self.entered.set()
        await self.may_go_on.wait()
        self.finished += 1
        step = self.plan.pop(0) if self.plan else 0
        if isinstance(step, Exception):
            raise step
        return step


async def soon(event: asyncio.Event) -> None:
    async with asyncio.timeout(10):
        await event.wait()
    event.clear()


async def test_it_delivers_at_once_and_then_when_the_bell_rings() -> None:
    bell, deliveries = Bell(), Deliveries()
    async with MailLoop(deliveries, bell, pause=timedelta(seconds=5)) as loop:
        await soon(bell.waited)
        assert deliveries.calls == 1
        bell.ring()
        await soon(bell.waited)
        assert deliveries.calls == 2
        assert loop.is_alive

    assert bell.pauses == [timedelta(seconds=5)] * 2
    assert not loop.is_alive


async def test_mail_gives_way_to_buyers() -> None:
    """It asks Stripe what was paid with; nobody waits for the answer."""
    bell, deliveries = Bell(), Deliveries(1)
    async with MailLoop(deliveries, bell):
        await soon(bell.waited)

    assert deliveries.gave_way == [True, True]
    assert not can_wait()


async def test_it_does_not_rest_while_mails_go_out() -> None:
    bell, deliveries = Bell(), Deliveries(20, 20, 3)
    async with MailLoop(deliveries, bell):
        await soon(bell.waited)

    assert deliveries.calls == 4
    assert len(bell.pauses) == 1


@pytest.mark.parametrize(
    "trouble", [StorageUnavailable(), RuntimeError("a bug")], ids=["storage", "bug"]
)
async def test_no_trouble_ends_it(trouble: Exception) -> None:
    bell, deliveries = Bell(), Deliveries(trouble)
    async with MailLoop(deliveries, bell) as loop:
        await soon(bell.waited)
        bell.ring()
        await soon(bell.waited)
        assert loop.is_alive

    assert deliveries.finished == 2


async def test_leaving_lets_the_mail_on_its_way_finish() -> None:
    bell, deliveries = Bell(), Deliveries(1)
    deliveries.may_go_on.clear()
    async with MailLoop(deliveries, bell):
        await soon(deliveries.entered)
        asyncio.get_running_loop().call_soon(deliveries.may_go_on.set)

    assert (deliveries.calls, deliveries.finished) == (1, 1)


async def test_leaving_does_not_wait_for_ever() -> None:
    bell, deliveries = Bell(), Deliveries()
    deliveries.may_go_on.clear()
    async with asyncio.timeout(10):
        async with MailLoop(deliveries, bell, drain=AT_ONCE) as loop:
            await soon(deliveries.entered)

    assert deliveries.finished == 0
    assert not loop.is_alive


async def test_leaving_does_not_wait_for_the_bell() -> None:
    bell = Bell()
    async with asyncio.timeout(10):
        async with MailLoop(Deliveries(), bell, pause=timedelta(hours=1)):
            await soon(bell.waited)


async def test_it_may_be_left_without_having_begun() -> None:
    loop = MailLoop(Deliveries(), Bell())
    leave: Callable[[None, None, None], Awaitable[None]] = loop.__aexit__

    await leave(None, None, None)

    assert not loop.is_alive
