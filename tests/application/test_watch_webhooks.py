"""How long events are on their way, and who is told when it is too long."""

from datetime import timedelta

import pytest
from dependency_injector import providers

from application.ports.hearing import Heard
from application.watch_webhooks import FRESH, LATE, TOLD_AGAIN
from entrypoints.simulation.outside.hearing import InMemoryHearing
from tests.application.world import World

SECOND = timedelta(seconds=1)


async def look(world: World, hearing: InMemoryHearing, worker: str = "one") -> None:
    service = world.instance(worker=worker)
    service.hearing.override(providers.Object(hearing))
    await service.watch_webhooks()()


def heard(world: World, *, lag: timedelta) -> InMemoryHearing:
    at = world.clock.now()
    hearing = InMemoryHearing()
    hearing.note(Heard(at=at, created_at=at - lag))
    return hearing


async def test_how_long_ago_one_came_is_shown() -> None:
    world = World()
    hearing = heard(world, lag=SECOND)
    world.advance(timedelta(hours=2))

    await look(world, hearing)

    assert world.metrics.last_event_age == timedelta(hours=2)
    assert world.alerts.codes == []


async def test_before_the_first_nothing_is_shown() -> None:
    world = World()
    await look(world, InMemoryHearing())
    assert world.metrics.last_event_age is None


@pytest.mark.parametrize(
    ("lag", "ago", "codes"),
    [
        (LATE, timedelta(), ["webhooks_late"]),
        (LATE - SECOND, timedelta(), []),
        (LATE, FRESH + SECOND, []),
    ],
)
async def test_one_that_came_late_just_now_is_told(
    lag: timedelta, ago: timedelta, codes: list[str]
) -> None:
    world = World()
    hearing = heard(world, lag=lag)
    world.advance(ago)

    await look(world, hearing)

    assert world.alerts.codes == codes


async def test_lateness_is_told_by_one_instance_and_again_after_hours() -> None:
    world = World()
    for worker in ("one", "two"):
        await look(world, heard(world, lag=LATE), worker)
    assert world.alerts.codes == ["webhooks_late"]
    assert world.alerts.sent[0].facts["lag_seconds"] == 300

    world.advance(TOLD_AGAIN)
    await look(world, heard(world, lag=LATE))
    assert world.alerts.codes == ["webhooks_late"] * 2


async def test_lateness_that_no_way_took_is_told_at_the_next_look() -> None:
    world = World()
    hearing = heard(world, lag=LATE)
    world.alerts.is_deaf = True
    await look(world, hearing)
    world.alerts.is_deaf = False

    for worker in ("two", "one"):
        await look(world, hearing, worker)

    assert world.alerts.codes == ["webhooks_late"]
