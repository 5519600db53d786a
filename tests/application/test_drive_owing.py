"""Protocol 3.2, RECONCILE: money that is owed goes back by itself."""

import asyncio
from datetime import timedelta

from application.drive_owing import BATCH
from application.ports.storage import StorageUnavailable
from domain.ids import BuyerId
from domain.purchase import Buyer, Purchase, Status
from domain.refunding import RefundStatus
from domain.refunds import ExtraPaymentState
from tests.application.test_drive_purchases import OnTheDot
from tests.application.test_extra_refunds import late_money
from tests.application.world import World, session_of
from tests.examples import a_paid_session

MINUTE = timedelta(minutes=1)


def named(name: str) -> Buyer:
    return Buyer(id=BuyerId(name), email=f"{name}@example.org", name=name)


async def late_money_of(world: World, name: str) -> Purchase:
    """Let this buyer's closed purchase be paid."""
    purchase = (await world.check_out(named(name))).purchase
    await world.cancel(purchase)
    paid = a_paid_session(
        id=session_of(purchase), purchase_id=purchase.id, payment_intent=f"pi_{name}"
    )
    await world.tell(world.payments.plant(paid))
    return purchase


async def test_late_money_is_refunded_without_a_human() -> None:
    world = World()
    purchase, intent = await late_money(world)

    assert await world.service.drive_owing()() == 1

    assert world.row(purchase).extra_payments[0].state is ExtraPaymentState.DONE
    assert world.refunds.given_back(intent) == 8_000
    assert await world.service.drive_owing()() == 0


async def test_a_refund_whose_request_died_is_sent_once() -> None:
    world = World()
    purchase = await world.bought(as_class_rep=True)
    world.payments.lose_request("create_refund")
    await world.ask_refund(purchase)
    assert world.row(purchase).status is Status.REFUNDING

    await world.service.drive_owing()()

    assert world.row(purchase).status is Status.REFUNDED
    assert world.held() == frozenset()
    assert sum(world.refunds.created.values()) == 1


async def test_two_instances_share_what_is_owed() -> None:
    world = World()
    for name in ("ada", "grace", "edsger"):
        await late_money_of(world, name)
    other = world.instance(worker="two")

    shares = await asyncio.gather(world.service.drive_owing()(), other.drive_owing()())

    assert sum(shares) == 3
    assert sum(world.refunds.created.values()) == 3


async def test_money_that_cannot_be_driven_stops_no_other() -> None:
    world = World()
    broken = await late_money_of(world, "ada")
    healthy = await late_money_of(world, "grace")
    world.alerts.sent.clear()

    async def break_down() -> None:
        raise RuntimeError("a row that nobody expected")

    world.gate.once("before payments.create_refund", break_down)
    await world.service.drive_owing()()

    assert world.row(broken).extra_payments[0].state is ExtraPaymentState.DUE
    assert world.row(healthy).extra_payments[0].state is ExtraPaymentState.DONE
    assert world.alerts.codes == ["money_stuck"]

    world.advance(2 * MINUTE)
    await world.service.drive_owing()()
    assert world.row(broken).extra_payments[0].state is ExtraPaymentState.DONE


async def test_poisoned_money_is_driven_ever_less_and_told_of_once() -> None:
    world = World(randomness=OnTheDot())
    await late_money(world)

    async def break_down() -> None:
        raise RuntimeError("a row that nobody expected")

    driven = []
    for _ in range(8):
        world.gate.once("before payments.create_refund", break_down)
        driven.append(await world.service.drive_owing()())
        world.advance(MINUTE)

    assert driven == [1, 1, 0, 1, 0, 0, 0, 1]
    assert world.alerts.codes == ["money_stuck"]


async def test_what_the_banks_hold_keeps_nobody_from_his_money() -> None:
    """More is under way than one round takes, and all of it moved before this."""
    world = World()
    world.refunds.begin_as = RefundStatus.PENDING
    for n in range(BATCH):
        await world.ask_refund(await world.bought(named(f"buyer-{n}")))
    world.advance(MINUTE)
    world.refunds.begin_as = RefundStatus.SUCCEEDED
    last = await late_money_of(world, "grace")

    assert await world.service.drive_owing()() == BATCH
    assert await world.service.drive_owing()() == 1
    assert world.row(last).extra_payments[0].state is ExtraPaymentState.DONE


async def test_a_silent_database_leaves_it_to_the_next_round() -> None:
    world = World()
    purchase, _ = await late_money(world)

    async def fall_silent() -> None:
        raise StorageUnavailable

    world.gate.once("before purchases.swap_money", fall_silent)
    assert await world.service.drive_owing()() == 1
    world.advance(2 * MINUTE)
    await world.service.drive_owing()()

    assert world.row(purchase).extra_payments[0].state is ExtraPaymentState.DONE
    assert sum(world.refunds.created.values()) == 1


async def test_what_the_bank_holds_is_not_asked_about_every_minute() -> None:
    world = World()
    purchase = await world.bought()
    world.refunds.begin_as = RefundStatus.PENDING
    await world.ask_refund(purchase)
    asked = world.payments.calls["get_refund"]

    for _ in range(4):
        await world.service.drive_owing()()
        world.advance(MINUTE / 2)

    assert world.payments.calls["get_refund"] == asked + 1
