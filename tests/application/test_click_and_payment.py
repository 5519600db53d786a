"""A payment lands while its buyer clicks, after a deadline, or three weeks late."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from application.receive_event import EventOutcome
from application.start_checkout import CheckoutAnswer
from domain.purchase import AlreadyPurchased, Status
from entrypoints.simulation.outside.clock import NOON
from tests.application.world import World, session_of
from tests.examples import a_program, usd

# Where a second click passes before it has its answer.
WAY = [
    "before purchases.add",
    "before purchases.find_live",
    "after purchases.find_live",
]


@pytest.mark.parametrize("moment", WAY)
@pytest.mark.parametrize("again_as_class_rep", [False, True])
async def test_a_payment_that_lands_during_a_second_click_is_the_only_one(
    moment: str, *, again_as_class_rep: bool
) -> None:
    world = World()
    first = await world.check_out(as_class_rep=True)

    async def pay_and_tell() -> None:
        await world.tell(world.payments.pay(session_of(first.purchase)))

    world.gate.once(moment, pay_and_tell)

    [outcome] = await asyncio.gather(
        world.check_out(as_class_rep=again_as_class_rep), return_exceptions=True
    )

    if isinstance(outcome, CheckoutAnswer):
        # It was read before it was paid: the page that is shown is the paid one.
        assert moment == "after purchases.find_live"
        assert outcome.purchase.session == first.purchase.session
    else:
        assert isinstance(outcome, AlreadyPurchased)
        assert outcome.purchase_id == first.purchase.id
    assert world.sessions_created == 1
    assert world.live == [world.row(first.purchase)]
    assert world.row(first.purchase).status is Status.COMPLETED
    assert world.row(first.purchase).extra_payments == ()
    with pytest.raises(AlreadyPurchased):
        await world.check_out(as_class_rep=again_as_class_rep)


async def test_a_deadline_that_passes_before_the_payment_changes_no_price() -> None:
    world = World()
    world.offer(a_program(early_bird_deadline=NOON + timedelta(minutes=10)))
    early = await world.check_out()
    world.advance(timedelta(minutes=20))

    again = await world.check_out()
    await world.tell(world.payments.pay(session_of(early.purchase)))

    assert again.purchase.quote == early.purchase.quote
    assert again.purchase.session == early.purchase.session
    row = world.row(early.purchase)
    assert row.status is Status.COMPLETED
    assert row.paid is not None
    assert row.paid.amount == row.quote.total == usd(8_000)
    assert world.sessions_created == 1


@pytest.mark.parametrize(
    "status", [Status.COMPLETED, Status.REFUNDING, Status.REFUNDED]
)
async def test_an_event_replayed_after_three_weeks_changes_nothing(
    status: Status,
) -> None:
    world = World()
    bought = await world.bought(as_class_rep=True)
    await world.deliver_mail()
    since = replace(world.row(bought), status=status)
    world.store.rows[bought.id] = since
    world.advance(timedelta(weeks=3))

    assert await world.tell(world.session(bought)) is EventOutcome.APPLIED

    assert world.row(bought) == since
    assert await world.deliver_mail() == 0
    assert not world.alerts.sent
