"""Asked again while a delayed payment is on its way."""

import pytest

from application.start_checkout import PaymentUnderWay
from domain.purchase import ClosedReason, Status
from tests.application.world import World, session_of
from tests.examples import HOLD


async def test_money_on_its_way_is_not_asked_for_again() -> None:
    world = World()
    first = await world.check_out()
    promised = world.payments.pay_later(session_of(first.purchase))
    await world.tell(promised)

    with pytest.raises(PaymentUnderWay) as refusal:
        await world.check_out()

    assert refusal.value.purchase_id == first.purchase.id


async def test_money_on_its_way_is_not_replaced_by_another_choice() -> None:
    world = World()
    first = await world.check_out()
    promised = world.payments.pay_later(session_of(first.purchase))
    await world.tell(promised)

    with pytest.raises(PaymentUnderWay):
        await world.check_out(as_class_rep=True)

    assert world.row(first.purchase).status is Status.PENDING


async def test_money_on_its_way_is_noticed_without_a_webhook() -> None:
    world = World()
    first = await world.check_out()
    world.payments.pay_later(session_of(first.purchase))
    world.advance(HOLD)

    with pytest.raises(PaymentUnderWay):
        await world.check_out()

    assert world.row(first.purchase).is_processing


async def test_money_on_its_way_that_another_choice_comes_upon_is_no_busy_lock() -> (
    None
):
    """A bank may take days: nobody should ask again each second for so long."""
    world = World()
    first = await world.check_out()
    world.payments.pay_later(session_of(first.purchase))

    for as_class_rep in (True, True, False):
        with pytest.raises(PaymentUnderWay) as refusal:
            await world.check_out(as_class_rep=as_class_rep)
        assert refusal.value.purchase_id == first.purchase.id

    assert world.row(first.purchase).status is Status.CLOSING
    await world.tell(world.payments.clear_delayed(session_of(first.purchase)))
    assert world.row(first.purchase).status is Status.COMPLETED


async def test_money_that_never_came_is_noticed_without_a_webhook() -> None:
    world = World()
    first = await world.check_out()
    await world.tell(world.payments.pay_later(session_of(first.purchase)))
    world.payments.fail_delayed(session_of(first.purchase))
    world.advance(HOLD)

    second = await world.check_out()

    assert world.row(first.purchase).closed_reason is ClosedReason.FAILED
    assert world.live == [second.purchase]
