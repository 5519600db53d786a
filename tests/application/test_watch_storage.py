"""A full database sells nothing: hazard 84."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from math import ceil

import pytest

from application.ports.alerts import Alert
from application.ports.storage import StorageUnavailable
from application.watch_storage import MEBIBYTE, REMIND_AFTER, WatchStorage
from entrypoints.simulation.outside.alerts import RecordingAlerts
from entrypoints.simulation.outside.clock import ManualClock
from entrypoints.simulation.outside.turns import InMemoryTurns

QUOTA = 512 * MEBIBYTE


class FilledTo:
    """A database that is as full as a test says, in per cent."""

    def __init__(self, percent: float) -> None:
        self.percent = percent

    async def used(self) -> int:
        await asyncio.sleep(0)
        if self.percent < 0:
            raise StorageUnavailable
        return ceil(QUOTA * self.percent / 100)


class Shop:
    """Two instances before one database."""

    def __init__(self, *, quota: int = QUOTA) -> None:
        self.usage = FilledTo(0)
        self.alerts = RecordingAlerts()
        self.clock = ManualClock()
        turns = InMemoryTurns()
        self.one, self.two = (
            WatchStorage(
                alerts=self.alerts,
                clock=self.clock,
                quota=quota,
                turns=turns,
                usage=self.usage,
                worker=worker,
            )
            for worker in ("one", "two")
        )

    async def filled_to(self, percent: float) -> int | None:
        self.usage.percent = percent
        return await self.one()


async def test_each_level_is_told_of_once() -> None:
    shop = Shop()

    told = [await shop.filled_to(n) for n in (0, 69.9, 70, 71, 84.9, 85, 90, 95, 100)]

    assert told == [None, None, 70, None, None, 85, None, 95, None]
    assert shop.alerts.codes == ["storage_filling"] * 3


async def test_the_alert_says_how_much_and_what_to_do() -> None:
    shop = Shop()
    await shop.filled_to(75)

    (alert,) = shop.alerts.sent
    assert alert.facts == {"used_mb": 384, "quota_mb": 512}
    assert "MONGODB_QUOTA_MB" in alert.next_step


async def test_a_jump_over_two_levels_is_one_alert() -> None:
    assert await Shop().filled_to(99) == 95


async def test_two_instances_tell_once() -> None:
    shop = Shop()
    shop.usage.percent = 70

    told = await asyncio.gather(shop.one(), shop.two())

    assert sorted(told, key=str) == [70, None]


async def test_swinging_about_a_level_is_no_news_and_a_week_of_it_is() -> None:
    shop = Shop()

    assert [await shop.filled_to(n) for n in (71, 69, 71)] == [70, None, None]
    shop.clock.advance(REMIND_AFTER - timedelta(seconds=1))
    assert await shop.filled_to(71) is None
    shop.clock.advance(timedelta(seconds=1))
    assert await shop.filled_to(71) == 70


async def test_without_a_quota_nobody_looks() -> None:
    assert await Shop(quota=0).filled_to(-1) is None


async def test_a_silent_database_is_asked_again_next_time() -> None:
    shop = Shop()

    with pytest.raises(StorageUnavailable):
        await shop.filled_to(-1)

    assert await shop.filled_to(70) == 70


async def test_what_no_way_took_is_told_at_the_next_look() -> None:
    shop = Shop()
    shop.alerts.is_deaf = True
    assert await shop.filled_to(71) is None
    shop.alerts.is_deaf = False

    assert [await shop.two(), await shop.one()] == [70, None]


class Stumbling(RecordingAlerts):
    async def deliver(self, alert: Alert) -> bool:
        await self.send(alert)
        raise ZeroDivisionError


async def test_a_telling_that_stumbles_gives_its_turn_back() -> None:
    shop = Shop()
    shop.usage.percent = 71
    stumbling = replace(shop.one, alerts=Stumbling())

    with pytest.raises(ZeroDivisionError):
        await stumbling()

    assert await shop.two() == 70
