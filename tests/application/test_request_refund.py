"""A buyer, or an admin, wants the money back."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from application.ports.payment_events import EventKind
from application.ports.purchases import PurchaseNotFound
from application.ports.storage import StorageUnavailable
from application.request_refund import RequestRefundCommand
from domain.purchase import Purchase, Status
from domain.refunding import (
    NotRefundable,
    RefundStatus,
    RefundTooLarge,
    RefundUnderWay,
    RefundWindowClosed,
)
from tests.application.world import World, intent_of
from tests.examples import GRACE, REFUND_WINDOW, a_program, usd
from tests.fakes.careless import PurchasesThatSwapBlindly

SECOND = timedelta(seconds=1)


async def ask_as_admin(
    world: World, purchase: Purchase, amount: int | None = None
) -> Purchase:
    command = RequestRefundCommand(
        purchase_id=purchase.id,
        buyer_id=None,
        amount=amount,
        reason="kindness",
        by="admin",
    )
    return await world.service.request_refund()(command)


# --- Asked and given ----------------------------------------------------------


async def test_a_buyer_gets_all_of_it_back_at_once() -> None:
    world = World()
    bought = await world.bought(as_class_rep=True)
    assert world.held() == {bought.id}

    refunded = await world.ask_refund(bought)

    assert refunded == world.row(bought)
    assert refunded.status is Status.REFUNDED
    assert world.rows_of(bought) == ["done"]
    assert not world.held()
    (refund,) = world.refunds.refunds.values()
    assert (refund.amount, refund.payment_intent) == (5_000, intent_of(bought))
    assert (refund.purchase_id, refund.row_id) == (bought.id, refunded.refunds[0].id)
    assert set(world.refunds.keys) == {f"rf:{refund.row_id}"}
    assert world.alerts.codes == []


async def test_the_intent_is_stored_before_the_provider_is_asked() -> None:
    world = World()
    bought = await world.bought()
    seen: list[list[str]] = []

    async def look() -> None:
        seen.append(world.rows_of(bought))

    world.gate.once("before payments.create_refund", look)
    await world.ask_refund(bought)

    assert seen == [["due"]]


async def test_while_the_money_is_under_way_the_buyer_keeps_access() -> None:
    world = World()
    bought = await world.bought(as_class_rep=True)
    world.refunds.begin_as = RefundStatus.PENDING

    refunding = await world.ask_refund(bought)

    assert (refunding.status, world.rows_of(bought)) == (
        Status.REFUNDING,
        ["sent"],
    )
    assert refunding.is_owned
    assert world.held() == {bought.id}

    world.refunds.settle(refunding.refunds[0].stripe_id or "", RefundStatus.SUCCEEDED)
    assert (await world.drive(bought)).status is Status.REFUNDED
    assert not world.held()


async def test_what_cost_nothing_is_given_back_without_the_provider() -> None:
    world = World()
    world.offer(a_program(class_rep_discount=usd(10_000)))
    bought = (await world.check_out(as_class_rep=True)).purchase
    world.payments.calls.clear()

    given_back = await world.ask_refund(bought)

    assert (given_back.status, given_back.refunds) == (Status.REFUNDED, ())
    assert given_back == world.row(bought)
    assert not world.held()
    assert not world.payments.calls
    with pytest.raises(NotRefundable):
        await world.ask_refund(bought)


async def test_no_sum_is_given_back_of_what_cost_nothing() -> None:
    world = World()
    world.offer(a_program(class_rep_discount=usd(10_000)))
    bought = (await world.check_out(as_class_rep=True)).purchase

    with pytest.raises(RefundTooLarge):
        await ask_as_admin(world, bought, amount=1)

    assert world.row(bought) == bought
    assert world.held() == {bought.id}


async def test_two_who_give_back_what_cost_nothing_do_it_once() -> None:
    world = World()
    world.offer(a_program(class_rep_discount=usd(10_000)))
    bought = (await world.check_out(as_class_rep=True)).purchase

    ends = await asyncio.gather(
        *(world.ask_refund(bought) for _ in range(5)), return_exceptions=True
    )

    assert Counter(map(type, ends)) == {Purchase: 1, NotRefundable: 4}


async def test_after_a_refund_the_program_can_be_bought_again() -> None:
    world = World()
    await world.ask_refund(await world.bought())

    again = await world.bought()

    assert again.status is Status.COMPLETED


# --- Refused ------------------------------------------------------------------


async def test_another_buyers_purchase_is_not_there() -> None:
    world = World()
    bought = await world.bought()
    command = RequestRefundCommand(purchase_id=bought.id, buyer_id=GRACE.id)

    with pytest.raises(PurchaseNotFound):
        await world.service.request_refund()(command)
    with pytest.raises(PurchaseNotFound):
        await world.service.refund_eligibility()(GRACE.id, bought.id)

    assert world.row(bought) == bought


async def test_the_window_closes_for_a_buyer_and_not_for_an_admin() -> None:
    world = World()
    bought = await world.bought()
    world.advance(REFUND_WINDOW)

    with pytest.raises(RefundWindowClosed):
        await world.ask_refund(bought)
    assert world.row(bought) == bought
    assert (await ask_as_admin(world, bought)).status is Status.REFUNDED


async def test_the_window_is_open_to_its_last_second() -> None:
    world = World()
    bought = await world.bought()
    world.advance(REFUND_WINDOW - SECOND)

    assert (await world.ask_refund(bought)).status is Status.REFUNDED


async def test_an_unpaid_purchase_is_not_refunded() -> None:
    world = World()
    purchase = (await world.check_out()).purchase

    with pytest.raises(NotRefundable):
        await world.ask_refund(purchase)


async def test_a_refunded_purchase_is_not_refunded_again() -> None:
    world = World()
    bought = await world.bought()
    await world.ask_refund(bought)

    with pytest.raises(NotRefundable):
        await world.ask_refund(bought)

    assert len(world.refunds.refunds) == 1


async def test_an_admin_gives_back_in_parts() -> None:
    world = World()
    bought = await world.bought()

    half = await ask_as_admin(world, bought, 3_000)
    assert half.status is Status.COMPLETED
    with pytest.raises(RefundTooLarge):
        await ask_as_admin(world, bought, 5_001)
    whole = await ask_as_admin(world, bought, 5_000)

    assert (whole.status, world.rows_of(bought)) == (
        Status.REFUNDED,
        ["done", "done"],
    )
    assert [(row.by, row.reason) for row in whole.refunds] == [
        ("admin", "kindness")
    ] * 2


async def test_a_part_given_back_leaves_the_rest_to_the_buyer() -> None:
    world = World()
    bought = await world.bought()
    await ask_as_admin(world, bought, 3_000)

    await world.ask_refund(bought)

    assert world.refunds.given_back(intent_of(bought)) == 8_000


# --- Many at once -------------------------------------------------------------


async def fifty_clicks(world: World) -> "Counter[type]":
    bought = await world.bought()

    ends = await asyncio.gather(
        *(world.ask_refund(bought) for _ in range(50)), return_exceptions=True
    )

    return Counter(map(type, ends))


@pytest.mark.parametrize("word", [RefundStatus.SUCCEEDED, RefundStatus.PENDING])
async def test_fifty_clicks_make_one_refund(word: RefundStatus) -> None:
    world = World()
    world.refunds.begin_as = word

    ends = await fifty_clicks(world)

    assert ends[Purchase] == 1
    assert ends[RefundUnderWay] + ends[NotRefundable] == 49
    assert len(world.refunds.refunds) == 1


async def test_without_the_conditional_write_they_make_many() -> None:
    world = World(purchases=PurchasesThatSwapBlindly())
    world.refunds.begin_as = RefundStatus.PENDING

    ends = await fifty_clicks(world)

    assert ends[Purchase] > 1


async def test_twenty_who_drive_and_the_events_make_one_refund() -> None:
    world = World()
    bought = await world.bought(as_class_rep=True)
    world.payments.lose_request("create_refund")
    world.refunds.begin_as = RefundStatus.PENDING
    await world.ask_refund(bought)
    twenty = [world.instance(worker=f"{n}").drive_money() for n in range(20)]
    row = world.row(bought)

    ends = await asyncio.gather(
        *(drive(row, by="reconcile") for drive in twenty), return_exceptions=True
    )

    (refund,) = world.refunds.refunds.values()
    assert {type(end) for end in ends} <= {Purchase, StorageUnavailable}
    done = world.refunds.settle(refund.id, RefundStatus.SUCCEEDED)
    told = [
        world.tell(report, kind)
        for report, kind in (
            (refund, EventKind.REFUND_CREATED),
            (done, EventKind.REFUND_UPDATED),
            (world.charge(intent_of(bought)), EventKind.CHARGE_REFUNDED),
        )
        for _ in range(3)
    ]
    await asyncio.gather(*told, *(drive(row, by="reconcile") for drive in twenty[:4]))
    assert world.row(bought).status is Status.REFUNDED
    assert world.rows_of(bought) == ["done"]
    assert not world.held()


async def test_a_click_and_the_dashboard_give_back_once() -> None:
    world = World()
    bought = await world.bought()

    async def refund_outside() -> None:
        world.refunds.refund_outside(intent_of(bought))

    world.gate.once("before payments.create_refund", refund_outside)

    refunded = await world.ask_refund(bought)

    assert refunded.status is Status.REFUNDED
    assert world.rows_of(bought) == ["refused", "done"]
    assert world.refunds.given_back(intent_of(bought)) == 8_000
    assert world.alerts.codes == []


async def test_a_pending_refund_from_the_dashboard_is_waited_for() -> None:
    world = World()
    world.refunds.begin_as = RefundStatus.PENDING
    bought = await world.bought()
    outside = world.refunds.refund_outside(intent_of(bought))

    refunding = await world.ask_refund(bought)

    assert refunding.status is Status.REFUNDING
    assert world.rows_of(bought) == ["refused", "sent"]
    assert world.alerts.codes == []
    world.refunds.settle(outside.id, RefundStatus.SUCCEEDED)
    assert (await world.drive(bought)).status is Status.REFUNDED


# --- Eligibility --------------------------------------------------------------


async def test_a_buyer_is_told_what_and_until_when() -> None:
    world = World()
    bought = await world.bought()

    told = await world.service.refund_eligibility()(bought.buyer.id, bought.id)

    assert bought.completed_at is not None
    assert told.is_eligible
    assert told.amount == usd(8_000)
    assert told.deadline == bought.completed_at + REFUND_WINDOW
    assert (told.why_not, told.message) == (None, None)


async def test_a_buyer_is_told_why_not() -> None:
    world = World()
    purchase = (await world.check_out()).purchase
    eligibility = world.service.refund_eligibility()

    async def why_not() -> str | None:
        told = await eligibility(purchase.buyer.id, purchase.id)
        assert told.is_eligible is (told.why_not is None)
        return told.why_not

    assert await why_not() == "not_completed"
    await world.tell(world.payments.pay(world.session(purchase).id))
    assert await why_not() is None
    world.payments.lose_request("create_refund")
    await world.ask_refund(purchase)
    assert await why_not() == "refund_under_way"
    await world.drive(purchase)
    assert await why_not() == "not_completed"


async def test_a_buyer_is_told_that_it_is_too_late() -> None:
    world = World()
    bought = await world.bought()
    world.advance(REFUND_WINDOW)

    told = await world.service.refund_eligibility()(bought.buyer.id, bought.id)

    assert told.why_not == "refund_window_closed"
