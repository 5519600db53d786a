"""The process dies at every point of a refund, and somebody drives the money on."""

from contextlib import suppress

import pytest

from domain.errors import DomainError
from domain.purchase import Purchase, Status
from domain.refunds import ExtraPaymentState
from tests.application.world import World, intent_of, session_of
from tests.examples import a_paid_session, a_program, usd
from tests.fakes.turnstile import Crash

# Before and after each call.  Asking: read, store, refund, record, release.  Driving:
# list, refund, record, release.  Giving back what was free: read, change, release.
ASK, DRIVE, FREE, EXTRA = 10, 8, 6, 8


async def bought(world: World) -> Purchase:
    purchase = await world.bought(as_class_rep=True)
    world.gate.forget()
    return purchase


async def ask_until(world: World, purchase: Purchase, point: int) -> None:
    world.gate.crash_at(point)
    with pytest.raises(Crash):
        await world.ask_refund(purchase)
    world.gate.crash_at(None)
    world.gate.forget()


async def drive_what_is_owing(world: World) -> None:
    """Do what reconcile does, and release what is over."""
    for owing in await world.purchases.owing(at=world.clock.now(), limit=10):
        purchase = await world.purchases.get(owing.id)
        await world.service.drive_money()(purchase, by="reconcile")
    for row in world.rows:
        await world.service.release_spot()(row)


def check_refunded(world: World, purchase: Purchase) -> None:
    row = world.row(purchase)
    assert row.status is Status.REFUNDED
    assert not row.has_open_money
    assert len(world.refunds.refunds) == 1
    assert world.refunds.given_back(intent_of(purchase)) == 5_000
    assert not world.held()


async def test_a_refund_has_as_many_points_as_we_think() -> None:
    world = World()
    purchase = await bought(world)
    await world.ask_refund(purchase)
    assert len(world.gate.moments) == ASK

    world = World()
    purchase = await bought(world)
    await ask_until(world, purchase, 4)
    await world.drive(purchase)
    assert len(world.gate.moments) == DRIVE


@pytest.mark.parametrize("point", range(ASK))
async def test_after_a_crash_the_refund_is_made_once(point: int) -> None:
    world = World()
    purchase = await bought(world)
    await ask_until(world, purchase, point)

    await drive_what_is_owing(world)

    if not world.row(purchase).refunds:  # it died before the intent was stored
        assert world.row(purchase) == purchase
        assert not world.refunds.refunds
        await world.ask_refund(purchase)
    check_refunded(world, purchase)


@pytest.mark.parametrize("point", range(ASK))
async def test_after_a_crash_the_buyer_may_ask_again(point: int) -> None:
    world = World()
    purchase = await bought(world)
    await ask_until(world, purchase, point)

    try:
        await world.ask_refund(purchase)
    except DomainError:
        await drive_what_is_owing(world)

    check_refunded(world, purchase)


@pytest.mark.parametrize(
    ("first", "second"), [(a, b) for a in range(3, ASK - 2) for b in range(DRIVE)]
)
async def test_after_two_crashes_it_is_made_once(first: int, second: int) -> None:
    world = World()
    purchase = await bought(world)
    await ask_until(world, purchase, first)
    world.gate.crash_at(second)
    with suppress(Crash):
        await world.drive(purchase)
    world.gate.crash_at(None)

    await drive_what_is_owing(world)

    check_refunded(world, purchase)


@pytest.mark.parametrize("point", range(FREE))
async def test_after_a_crash_what_was_free_is_given_back_once(point: int) -> None:
    world = World()
    world.offer(a_program(class_rep_discount=usd(10_000)))
    purchase = (await world.check_out(as_class_rep=True)).purchase
    world.gate.forget()
    await ask_until(world, purchase, point)

    try:
        await world.ask_refund(purchase)
    except DomainError:
        await drive_what_is_owing(world)

    assert world.row(purchase).status is Status.REFUNDED
    assert not world.held()
    assert not world.refunds.refunds


async def late(world: World) -> Purchase:
    purchase = (await world.check_out()).purchase
    await world.cancel(purchase)
    money = a_paid_session(
        id=session_of(purchase), purchase_id=purchase.id, payment_intent="pi_late"
    )
    await world.tell(world.payments.plant(money))
    world.gate.forget()
    return purchase


@pytest.mark.parametrize("point", range(EXTRA))
async def test_after_a_crash_late_money_goes_back_once(point: int) -> None:
    world = World()
    purchase = await late(world)
    world.gate.crash_at(point)
    with suppress(Crash):
        await world.drive(purchase)
    world.gate.crash_at(None)

    await drive_what_is_owing(world)

    assert world.row(purchase).extra_payments[0].state is ExtraPaymentState.DONE
    assert world.refunds.created == {f"{session_of(purchase)}:0": 1}


@pytest.mark.parametrize("point", range(4))
async def test_after_a_crash_the_word_is_told_again(point: int) -> None:
    world = World()
    purchase = await bought(world)
    report = world.refunds.refund_outside(intent_of(purchase))
    world.gate.crash_at(point)
    with pytest.raises(Crash):
        await world.service.learn_refund()(report, by="evt_1")
    world.gate.crash_at(None)

    await world.service.learn_refund()(report, by="evt_1")

    check_refunded(world, purchase)
