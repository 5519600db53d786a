"""Plans about money that no purchase names."""

from domain.purchase import Status
from domain.refunds import EXTRA_PAYMENTS_MAX
from tests.application.planning import (
    GHOST,
    apply,
    is_in_order,
    plan,
    plant,
    reconciled,
)
from tests.application.world import World, session_of
from tests.examples import a_paid_session


async def test_money_of_nobodys_is_recorded_and_goes_back_when_it_is_due() -> None:
    world = World()
    lost = plant(world, "cs_lost", a_paid_session(purchase_id=GHOST))

    assert await reconciled(world) == {"orphan_payment": "repaired"}
    assert list(world.orphans.stored) == [lost.payment_intent]
    assert world.refunds.created.total() == 0  # somebody may yet restore the purchase
    assert await is_in_order(world)

    assert await reconciled(world) == {"orphan_payment": "repaired"}
    assert world.refunds.given_back("pi_cs_lost") == 8_000
    assert await is_in_order(world)


async def test_money_whose_purchase_turned_up_is_left_to_it() -> None:
    world = World()
    answer = await world.check_out()
    paid = world.payments.pay(session_of(answer.purchase))
    row = world.store.rows.pop(answer.purchase.id)
    await reconciled(world)
    world.store.rows[row.id] = row

    assert (await reconciled(world))["orphan_payment"] == "repaired"

    assert world.row(row).status is Status.COMPLETED
    assert world.orphans.stored[paid.payment_intent or ""].is_matched
    assert await is_in_order(world)


async def test_money_for_which_there_is_no_room_is_no_second_difference() -> None:
    world = World()
    closed = await world.cancel((await world.check_out()).purchase)
    for number in range(EXTRA_PAYMENTS_MAX + 1):
        plant(world, f"cs_{number}", a_paid_session(purchase_id=closed.id))

    results = await apply(world, (await plan(world)).hash)

    assert {result.outcome for result in results} == {"repaired"}
    assert len(world.orphans.stored) == 1
    assert await is_in_order(world)
