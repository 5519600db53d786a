"""The ledger of each day is checked once it is over, and again while it differs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from application.ports.payments import PaymentGatewayUnavailable
from domain.day_ledger import DayLedger, day_of
from domain.purchase import Purchase
from entrypoints.simulation.outside.clock import NOON
from tests.application.world import World, intent_of, session_of
from tests.examples import ADA, GRACE

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
TODAY = day_of(NOON)
MIDNIGHT = datetime(2026, 3, 3, tzinfo=UTC)


async def keep(world: World, *, after: timedelta = timedelta()) -> int:
    world.advance(after)
    return await world.service.keep_ledger()()


async def stored(world: World, days_later: int = 0) -> DayLedger | None:
    return await world.ledger_days.find(TODAY + days_later * DAY)


async def lose_the_row(world: World) -> Purchase:
    purchase = await world.bought()
    del world.store.rows[purchase.id]
    return purchase


async def test_a_day_is_checked_when_it_is_over_and_on_the_day_after() -> None:
    world = World()

    checked = [await keep(world, after=DAY) for _ in range(3)]

    assert checked == [2, 2, 2]
    days = sorted((day - TODAY).days for day in world.ledger_days.stored)
    assert days == [-1, 0, 1, 2]
    assert world.alerts.codes == []


async def test_a_day_is_checked_once_however_often_it_is_due() -> None:
    world = World()

    assert [await keep(world, after=HOUR) for _ in range(3)] == [2, 0, 0]


async def test_a_day_is_over_an_hour_after_midnight() -> None:
    world = World()
    await keep(world)

    assert await keep(world, after=MIDNIGHT + HOUR / 2 - world.clock.now()) == 0
    assert await stored(world) is None
    assert await keep(world, after=HOUR / 2) == 2
    assert await stored(world) == DayLedger(day=TODAY)


async def test_of_two_instances_one_checks() -> None:
    world = World()
    one, other = world.instance(worker="one"), world.instance(worker="two")
    await world.turns.take(
        "keep ledger", by="one", at=NOON, until=NOON + timedelta(minutes=1)
    )

    assert await other.keep_ledger()() == 0
    world.advance(HOUR)
    assert await one.keep_ledger()() == 2


async def test_a_difference_is_stored_and_told_with_its_names() -> None:
    world = World()
    purchase = await lose_the_row(world)

    await keep(world, after=DAY)

    found = await stored(world)
    assert found is not None
    assert not found.is_equal
    (alert,) = world.alerts.sent
    assert alert.code == "ledger_difference"
    intent = intent_of(purchase)
    assert alert.facts == {
        "day": TODAY.isoformat(),
        "difference_usd": 8_000,
        "items": 1,
        "item_0": f"unknown_to_us payment {intent} ch_{intent} {purchase.id}",
    }


async def test_a_difference_is_checked_until_it_is_mended() -> None:
    world = World()
    purchase = await lose_the_row(world)

    checked = [await keep(world, after=pause) for pause in (DAY, HOUR, HOUR, DAY)]
    world.store.rows[purchase.id] = purchase
    checked += [await keep(world, after=pause) for pause in (HOUR, HOUR)]

    assert checked == [2, 1, 1, 2, 1, 0]
    assert world.alerts.codes == ["ledger_difference"]
    found = await stored(world)
    assert found is not None
    assert found.is_equal


async def test_a_difference_that_changes_is_told_again() -> None:
    world = World()
    await lose_the_row(world)
    other = await world.bought(GRACE)
    await keep(world, after=DAY)
    del world.store.rows[other.id]

    await keep(world, after=HOUR)
    await keep(world, after=HOUR)

    assert [alert.facts["items"] for alert in world.alerts.sent] == [1, 2]


async def test_a_difference_of_long_ago_is_left_to_whoever_was_told() -> None:
    world = World()
    await lose_the_row(world)
    await keep(world, after=DAY)

    assert await keep(world, after=30 * DAY) == 30
    assert await keep(world, after=DAY) == 2


async def test_the_days_of_an_outage_are_checked_once_it_is_over() -> None:
    world = World()
    await keep(world, after=DAY)

    assert await keep(world, after=5 * DAY) == 6
    assert await keep(world, after=DAY) == 2


async def test_many_items_are_told_in_a_few_lines() -> None:
    world = World()
    for buyer in (replace(ADA, id=f"{ADA.id}{n}") for n in range(12)):  # type: ignore[arg-type]
        answer = await world.check_out(buyer)
        await world.tell(world.payments.pay(session_of(answer.purchase)))
    world.store.rows.clear()

    await keep(world, after=DAY)

    (alert,) = world.alerts.sent
    assert alert.facts["items"] == 12
    assert [name for name in alert.facts if name.startswith("item_")][-1] == "item_9"


async def test_what_could_not_be_seen_is_seen_at_the_next_turn() -> None:
    world = World()
    await world.bought(GRACE)
    world.payments.lose_request("movements")

    with pytest.raises(PaymentGatewayUnavailable):
        await keep(world, after=DAY)

    assert await stored(world) is None
    assert await keep(world, after=HOUR) == 2
    found = await stored(world)
    assert found is not None
    assert [line.ours for line in found.lines] == [8_000]
