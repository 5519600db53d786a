"""The snapshot that spares a class rep a look, and what it must not hide."""

from dataclasses import replace
from datetime import timedelta

import pytest

from application.abandoned_lately import KEPT_FOR, ROWS_MAX, AbandonedLately
from application.ports.payment_events import EventKind
from application.ports.storage import StorageUnavailable
from application.start_checkout import CheckoutUnresolved
from domain.cool_down import CoolingDown
from domain.ids import BuyerId, PurchaseId
from domain.purchase import Buyer, Purchase
from entrypoints.use_cases import UseCases
from tests.application.world import World, session_of
from tests.examples import ADA, CHOIR, COOL_DOWN, GRACE

LOOK, SNAPSHOT = "purchases.abandoned_at", "purchases.abandoned_since"


def lately(world: World) -> AbandonedLately:
    return world.service.abandoned_lately()


async def leave(world: World, buyer: Buyer = ADA) -> Purchase:
    """Take a class-rep spot, and let it go on the instance of the world."""
    purchase = (await world.check_out(buyer, as_class_rep=True)).purchase
    return await world.service.cancel_purchase()(buyer.id, purchase.id)


async def leave_at(world: World, service: UseCases) -> None:
    answer = await world.check_out(as_class_rep=True, service=service)
    await service.cancel_purchase()(ADA.id, answer.purchase.id)


async def test_one_snapshot_serves_many_buyers() -> None:
    world = World()

    await world.check_out(ADA, as_class_rep=True)
    await world.check_out(GRACE, as_class_rep=True)

    assert world.gate.calls[SNAPSHOT] == 1
    assert world.gate.calls[LOOK] == 0


async def test_it_is_taken_anew_after_ten_seconds() -> None:
    world = World()
    await world.check_out(ADA, as_class_rep=True)
    world.advance(KEPT_FOR)

    await world.check_out(GRACE, as_class_rep=True)

    assert world.gate.calls[SNAPSHOT] == 2


@pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(hours=1)])
async def test_a_clock_that_jumps_makes_it_stale(jump: timedelta) -> None:
    world = World()
    await lately(world).count(ADA.id, CHOIR)
    world.clock.at += jump

    await lately(world).count(ADA.id, CHOIR)

    assert world.gate.calls[SNAPSHOT] == 2


async def test_what_this_process_closes_counts_at_once() -> None:
    world = World()
    for _ in range(COOL_DOWN.after):
        await leave(world)

    with pytest.raises(CoolingDown):
        await world.check_out(as_class_rep=True)

    assert world.gate.calls[LOOK] == 1  # the refusal is never from the snapshot
    assert world.gate.calls[SNAPSHOT] == 1


async def test_what_expires_here_counts_at_once() -> None:
    world = World()
    purchase = (await world.check_out(as_class_rep=True)).purchase
    assert await lately(world).count(ADA.id, CHOIR) == 0

    ended = world.payments.expire_by_time(session_of(purchase))
    await world.tell(ended, EventKind.SESSION_EXPIRED)

    assert await lately(world).count(ADA.id, CHOIR) == 1


async def test_what_another_process_closes_counts_ten_seconds_later() -> None:
    world = World()
    elsewhere = world.instance()
    await world.check_out(GRACE, as_class_rep=True)
    for _ in range(COOL_DOWN.after):
        await leave_at(world, elsewhere)

    late = (await world.check_out(as_class_rep=True)).purchase  # this is the price
    await elsewhere.cancel_purchase()(ADA.id, late.id)
    world.advance(KEPT_FOR)

    with pytest.raises(CoolingDown):
        await world.check_out(as_class_rep=True)


async def test_a_closing_during_the_reading_is_not_missed() -> None:
    world = World()
    open_one = (await world.check_out(as_class_rep=True)).purchase
    world.advance(KEPT_FOR)

    async def close() -> None:
        await world.cancel(open_one)

    world.gate.once(f"after {SNAPSHOT}", close)
    await lately(world).count(GRACE.id, CHOIR)

    assert await lately(world).count(ADA.id, CHOIR) == 1


async def test_who_comes_while_it_is_read_looks_for_themselves() -> None:
    world = World()

    async def ask() -> None:
        assert await lately(world).count(ADA.id, CHOIR) is None

    world.gate.once(f"before {SNAPSHOT}", ask)

    assert await lately(world).count(GRACE.id, CHOIR) == 0
    assert world.gate.calls[SNAPSHOT] == 1


async def test_a_reading_that_failed_is_tried_by_the_next() -> None:
    world = World()
    world.gate.fail_once(f"before {SNAPSHOT}", StorageUnavailable())
    with pytest.raises(CheckoutUnresolved):
        await world.check_out(as_class_rep=True)

    await world.check_out(as_class_rep=True)

    assert world.gate.calls[SNAPSHOT] == 2


async def test_too_many_are_not_remembered_and_each_buyer_is_looked_up() -> None:
    world = World()
    left = await leave(world)
    hers = replace(world.row(left), buyer=replace(ADA, id=BuyerId("mary")))
    world.advance(KEPT_FOR)
    for n in range(ROWS_MAX):
        world.store.rows[PurchaseId(f"p{n}")] = hers

    await world.check_out(GRACE, as_class_rep=True)
    await world.check_out(ADA, as_class_rep=True)

    assert world.gate.calls[LOOK] == 2
    assert world.gate.calls[SNAPSHOT] == 2  # one for each ten seconds
