import asyncio
from datetime import timedelta

from adapters.in_process.bell import AsyncioMailBell
from application.ports.outbox import MailBell

LONG = timedelta(seconds=30)
NOT_AT_ALL = timedelta()


async def test_a_ring_wakes_who_waits() -> None:
    bell = AsyncioMailBell()
    port: MailBell = bell
    waiting = asyncio.create_task(bell.wait(LONG))
    await asyncio.sleep(0)

    port.ring()

    async with asyncio.timeout(1):
        assert await waiting


async def test_a_ring_is_kept_until_somebody_waits_and_then_spent() -> None:
    bell = AsyncioMailBell()
    bell.ring()
    bell.ring()

    async with asyncio.timeout(1):
        assert await bell.wait(LONG)
    assert not await bell.wait(NOT_AT_ALL)


async def test_one_looks_from_time_to_time_without_being_called() -> None:
    assert not await AsyncioMailBell().wait(timedelta(milliseconds=1))
