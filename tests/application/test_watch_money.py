"""Money without an outcome is counted, and a human hears of it in time."""

import asyncio
from datetime import timedelta

import pytest

from application.ports.metrics import Standing
from domain.ids import PurchaseId
from domain.purchase import Purchase
from domain.refunding import RefundStatus
from domain.unsettled_money import Unsettled
from tests.application.world import World, session_of
from tests.examples import ADA, GRACE, a_paid_session
from tests.fakes.turnstile import Crash

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NOTHING = Standing()


async def late_money(world: World, *, intent: str = "pi_late") -> Purchase:
    """Let a closed purchase be paid."""
    buyer = GRACE if world.rows else ADA
    purchase = (await world.check_out(buyer)).purchase
    await world.cancel(purchase)
    late = a_paid_session(
        id=session_of(purchase), purchase_id=purchase.id, payment_intent=intent
    )
    await world.tell(world.payments.plant(late))
    world.alerts.sent.clear()
    return purchase


async def watch(world: World) -> list[str]:
    """Let a minute pass and look; return what the humans heard."""
    world.advance(MINUTE)
    world.alerts.sent.clear()
    await world.service.watch_money()()
    return world.alerts.codes


async def test_where_all_is_settled_every_kind_is_nought() -> None:
    world = World()
    await world.bought()

    assert await watch(world) == []

    assert world.metrics.money == {kind.value: NOTHING for kind in Unsettled}


async def test_money_is_counted_with_the_age_of_the_oldest() -> None:
    world = World()
    await late_money(world)
    world.advance(10 * MINUTE)
    await late_money(world, intent="pi_later")

    await watch(world)

    assert world.metrics.money["extra_due"] == Standing(count=2, oldest=11 * MINUTE)
    assert world.metrics.money["refund_due"] == NOTHING


async def test_a_try_that_fails_makes_money_no_younger() -> None:
    world = World()
    purchase = await late_money(world)
    world.refunds.begin_as = RefundStatus.FAILED
    world.advance(10 * MINUTE)
    await world.drive(purchase)

    await watch(world)

    assert world.metrics.money["extra_due"].oldest == 11 * MINUTE


async def test_what_has_gone_back_is_counted_no_more() -> None:
    world = World()
    purchase = await late_money(world)
    await watch(world)
    await world.drive(purchase)

    await watch(world)

    assert world.metrics.money["extra_due"] == NOTHING
    assert world.row(purchase).unsettled_since is None


async def test_past_the_promised_time_a_human_hears_once_and_again_each_six_hours() -> (
    None
):
    world = World()
    await late_money(world)
    world.advance(HOUR - 2 * MINUTE)
    assert await watch(world) == []

    assert await watch(world) == ["money_without_outcome"]
    (alert,) = world.alerts.sent
    assert alert.facts == {
        "count": 1,
        "oldest_minutes": 60,
        "waits_for": "extra_due",
    }
    assert await watch(world) == []
    world.advance(6 * HOUR - 3 * MINUTE)
    assert await watch(world) == []
    assert await watch(world) == ["money_without_outcome"]


async def test_each_that_gets_too_old_is_told_of_at_once() -> None:
    world = World()
    await late_money(world)
    world.advance(30 * MINUTE)
    await late_money(world, intent="pi_later")
    world.advance(30 * MINUTE)
    assert await watch(world) == ["money_without_outcome"]
    world.advance(25 * MINUTE)
    assert await watch(world) == []

    world.advance(5 * MINUTE)
    assert await watch(world) == ["money_without_outcome"]
    assert world.alerts.sent[0].facts["count"] == 2


async def test_of_several_instances_one_tells() -> None:
    world = World()
    await late_money(world)
    world.advance(2 * HOUR)
    instances = [world.instance(worker=f"worker-{n}") for n in range(5)]

    await asyncio.gather(*(each.watch_money()() for each in instances))
    world.advance(MINUTE)
    await asyncio.gather(*(each.watch_money()() for each in instances))

    assert world.alerts.codes == ["money_without_outcome"]


async def test_what_the_provider_still_processes_is_counted_and_has_ten_days() -> None:
    world = World()
    bought = await world.bought()
    world.refunds.begin_as = RefundStatus.PENDING
    await world.ask_refund(bought)

    world.advance(9 * DAY)
    assert await watch(world) == []
    assert world.metrics.money["refund_sent"].count == 1
    world.advance(DAY)
    assert await watch(world) == ["money_without_outcome"]


async def test_money_that_nobody_names_is_counted_and_told_of_too() -> None:
    world = World()
    lost = a_paid_session(purchase_id=PurchaseId("gone"), payment_intent="pi_lost")
    await world.tell(world.payments.plant(lost))
    world.advance(HOUR - MINUTE)

    assert await watch(world) == ["money_without_outcome"]
    assert world.metrics.money["orphan_due"] == Standing(count=1, oldest=HOUR)

    world.advance(HOUR)
    await world.service.drive_orphans()()
    assert await watch(world) == []
    assert world.metrics.money["orphan_due"] == NOTHING


async def test_an_alarm_whose_teller_dies_before_marking_it_is_told_again() -> None:
    world = World()
    await late_money(world)
    world.advance(2 * HOUR)

    async def die() -> None:
        raise Crash

    world.gate.once("before turns.move_mark", die)
    with pytest.raises(Crash):
        await world.service.watch_money()()

    assert await watch(world) == ["money_without_outcome"]
    assert await watch(world) == []


async def test_an_alarm_that_no_way_took_is_told_at_the_next_look() -> None:
    world = World()
    await late_money(world)
    world.advance(2 * HOUR)
    world.alerts.is_deaf = True
    assert await watch(world) == []
    world.alerts.is_deaf = False

    assert await watch(world) == ["money_without_outcome"]
    assert await watch(world) == []
