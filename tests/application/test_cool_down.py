"""Who takes class-rep spots and lets them go, again and again, waits a while."""

from dataclasses import replace
from datetime import timedelta

import pytest

from application.retry_checkout import RetryCheckout
from domain.cool_down import CoolingDown
from domain.ids import ProgramId
from domain.purchase import Purchase, Status
from tests.application.world import World, session_of
from tests.examples import ADA, COOL_DOWN, GRACE, a_program

HOUR = timedelta(hours=1)
TEN_MINUTES = timedelta(minutes=10)


async def abandon(world: World, times: int) -> list[Purchase]:
    """Let Ada take a class-rep spot and cancel, every ten minutes."""
    left = []
    for _ in range(times):
        world.advance(TEN_MINUTES)
        purchase = (await world.check_out(as_class_rep=True)).purchase
        left.append(await world.cancel(purchase))
    return left


async def test_the_fourth_waits_until_the_first_is_an_hour_ago() -> None:
    world = World()
    await abandon(world, 3)
    stored = len(world.rows)

    with pytest.raises(CoolingDown) as refusal:
        await world.check_out(as_class_rep=True)

    assert refusal.value.wait == HOUR - 2 * TEN_MINUTES
    assert len(world.rows) == stored
    world.advance(refusal.value.wait)
    assert (await world.check_out(as_class_rep=True)).purchase.is_class_rep


async def test_two_are_not_too_many() -> None:
    world = World()
    await abandon(world, 2)

    await world.check_out(as_class_rep=True)


async def test_the_full_price_and_other_buyers_are_not_touched() -> None:
    world = World()
    await abandon(world, 3)

    assert not (await world.check_out()).purchase.is_class_rep
    assert (await world.check_out(GRACE, as_class_rep=True)).purchase.is_class_rep


async def test_full_price_checkouts_that_are_left_do_not_count() -> None:
    world = World()
    for _ in range(5):
        await world.cancel((await world.check_out()).purchase)

    await world.check_out(as_class_rep=True)


async def test_another_program_is_another_matter() -> None:
    world = World()
    left = await abandon(world, 3)
    opera = a_program(id=ProgramId("opera"), title="Opera")
    world.offer(opera)

    retry: RetryCheckout = world.service.retry_checkout()
    with pytest.raises(CoolingDown):
        await retry(ADA, left[0].id)
    abandoned = await world.purchases.abandoned_at(
        buyer_id=ADA.id,
        program_id=opera.id,
        since=world.clock.now() - HOUR,
        limit=9,
    )
    assert list(abandoned) == []


async def test_an_open_checkout_is_led_to_and_kept() -> None:
    """Also by an instance that is stricter than the one that let it begin."""
    world = World()
    left = await abandon(world, 2)
    begun = (await world.check_out(as_class_rep=True)).purchase
    stricter = World(cool_down=replace(COOL_DOWN, after=len(left)))
    stricter.purchases, stricter.programs = world.purchases, world.programs
    stricter.payments, stricter.clock = world.payments, world.clock

    again = await stricter.check_out(as_class_rep=True)

    assert again.existing
    assert session_of(again.purchase) == session_of(begun)


async def test_an_open_full_price_checkout_is_not_given_up_for_a_refusal() -> None:
    world = World()
    await abandon(world, 3)
    plain = (await world.check_out()).purchase

    with pytest.raises(CoolingDown):
        await world.check_out(as_class_rep=True)

    assert world.row(plain).status is Status.PENDING


async def test_nought_switches_it_off() -> None:
    world = World(cool_down=replace(COOL_DOWN, after=0))
    await abandon(world, 5)

    await world.check_out(as_class_rep=True)
    assert world.gate.calls["purchases.abandoned_at"] == 0
