"""The provider is silent, says no, or says yes and then no."""

from dataclasses import replace
from datetime import timedelta

import pytest

from application.ports.payment_events import EventKind
from application.ports.storage import StorageUnavailable
from domain.disputes import DisputeState
from domain.purchase import Status
from domain.refunding import NotRefundable, RefundStatus, RefundUnderWay
from tests.application.world import World, intent_of
from tests.examples import a_dispute_report, usd

# --- When the provider does not answer ----------------------------------------


@pytest.mark.parametrize("when", ["request", "answer"])
async def test_without_an_answer_it_stays_due_and_is_sent_later(when: str) -> None:
    world = World()
    bought = await world.bought(as_class_rep=True)
    lose = getattr(world.payments, f"lose_{when}")
    lose("create_refund")

    refunding = await world.ask_refund(bought)

    assert (refunding.status, world.rows_of(bought)) == (
        Status.REFUNDING,
        ["due"],
    )
    with pytest.raises(RefundUnderWay):
        await world.ask_refund(bought)
    assert (await world.drive(bought)).status is Status.REFUNDED
    assert len(world.refunds.refunds) == 1
    assert not world.held()


async def test_after_the_key_is_forgotten_it_is_found_and_not_sent_again() -> None:
    world = World()
    bought = await world.bought()
    world.payments.lose_answer("create_refund")
    await world.ask_refund(bought)
    world.advance(timedelta(hours=30))

    assert (await world.drive(bought)).status is Status.REFUNDED

    assert len(world.refunds.refunds) == 1
    assert world.payments.calls["create_refund"] == 1


async def test_while_the_provider_is_silent_driving_changes_nothing() -> None:
    world = World()
    bought = await world.bought()
    world.payments.lose_request("create_refund")
    world.payments.lose_request("refunds_of")
    refunding = await world.ask_refund(bought)

    assert await world.drive(bought) == refunding


async def test_a_storage_that_fails_after_the_sending_costs_no_answer() -> None:
    world = World()
    bought = await world.bought()

    async def break_storage() -> None:
        world.gate.fail_once("before purchases.swap_money", StorageUnavailable())

    world.gate.once("after payments.create_refund", break_storage)

    refunding = await world.ask_refund(bought)

    assert refunding.status is Status.REFUNDING
    assert (await world.drive(bought)).status is Status.REFUNDED
    assert len(world.refunds.refunds) == 1


# --- When it does not work out ------------------------------------------------


async def test_a_refund_that_fails_leaves_the_buyer_what_they_had() -> None:
    world = World()
    world.refunds.begin_as = RefundStatus.FAILED
    bought = await world.bought(as_class_rep=True)

    failed = await world.ask_refund(bought)

    assert (failed.status, world.rows_of(bought)) == (
        Status.COMPLETED,
        ["failed"],
    )
    assert failed.last_refund_failed
    assert world.held() == {bought.id}
    assert world.alerts.codes == ["refund_failed"]
    world.refunds.begin_as = RefundStatus.SUCCEEDED
    assert (await world.ask_refund(bought)).status is Status.REFUNDED


async def test_a_pending_refund_that_fails_is_a_finding() -> None:
    world = World()
    world.refunds.begin_as = RefundStatus.PENDING
    bought = await world.bought()
    refunding = await world.ask_refund(bought)
    world.refunds.settle(refunding.refunds[0].stripe_id or "", RefundStatus.FAILED)

    failed = await world.drive(bought)

    assert (failed.status, world.rows_of(bought)) == (
        Status.COMPLETED,
        ["failed"],
    )
    assert world.alerts.codes == ["refund_failed"]
    assert not failed.has_open_money


async def test_a_refused_refund_is_a_finding() -> None:
    world = World()
    bought = await world.bought()
    world.refunds.charged_back.add(intent_of(bought))

    refused = await world.ask_refund(bought)

    assert (refused.status, world.rows_of(bought)) == (
        Status.COMPLETED,
        ["refused"],
    )
    assert refused.last_refund_failed
    assert world.alerts.codes == ["refund_refused"]


async def test_what_is_owed_again_and_refused_is_a_finding() -> None:
    world = World()
    bought = await world.bought()
    refunded = await world.ask_refund(bought)
    back = world.refunds.settle(
        refunded.refunds[0].stripe_id or "", RefundStatus.FAILED
    )
    await world.tell(back, EventKind.REFUND_FAILED)
    world.refunds.charged_back.add(intent_of(bought))

    driven = await world.drive(bought)

    assert world.rows_of(bought) == ["failed", "refused"]
    assert (driven.status, driven.has_open_money) == (Status.REFUNDED, False)
    assert world.alerts.codes == ["refund_failed_after_success", "refund_refused"]


async def test_what_the_bank_took_while_a_refund_waited_is_no_finding() -> None:
    world = World()
    bought = await world.bought()
    world.payments.lose_request("create_refund")
    await world.ask_refund(bought)
    lost = a_dispute_report(DisputeState.LOST, payment_intent=intent_of(bought))

    await world.tell(lost, EventKind.DISPUTE_CLOSED)

    assert world.rows_of(bought) == ["refused"]
    assert world.row(bought).status is Status.REFUNDED
    assert world.alerts.codes == ["payment_disputed"]


async def test_an_amount_that_the_dashboard_left_too_small_is_refused() -> None:
    world = World()
    bought = await world.bought()
    world.refunds.refund_outside(intent_of(bought), 1_000)

    refused = await world.ask_refund(bought)

    assert (refused.status, world.rows_of(bought)) == (
        Status.COMPLETED,
        ["refused", "done"],
    )
    rest = await world.ask_refund(bought)
    assert (rest.status, rest.refunds[-1].amount) == (Status.REFUNDED, usd(7_000))


async def test_nothing_is_sent_while_the_payment_is_disputed() -> None:
    world = World()
    bought = await world.bought()
    world.payments.lose_request("create_refund")
    await world.ask_refund(bought)
    intent = intent_of(bought)
    opened = a_dispute_report(payment_intent=intent)
    await world.tell(opened, EventKind.DISPUTE_CREATED)
    world.payments.calls.clear()

    waiting = await world.drive(bought)

    assert (waiting.status, world.rows_of(bought)) == (Status.REFUNDING, ["due"])
    assert not world.payments.calls
    won = a_dispute_report(DisputeState.WON, payment_intent=intent)
    await world.tell(won, EventKind.DISPUTE_CLOSED)
    assert (await world.drive(bought)).status is Status.REFUNDED


async def test_a_disputed_purchase_is_not_refunded() -> None:
    world = World()
    bought = await world.bought()
    opened = a_dispute_report(payment_intent=intent_of(bought))
    await world.tell(opened, EventKind.DISPUTE_CREATED)

    with pytest.raises(NotRefundable) as refusal:
        await world.ask_refund(bought)

    assert refusal.value.why == "disputed"


async def test_money_without_a_payment_is_left_to_a_human() -> None:
    world = World()
    bought = await world.bought()
    assert bought.paid is not None
    nameless = replace(bought, paid=replace(bought.paid, payment_intent=None))
    world.store.rows[bought.id] = nameless

    refunding = await world.ask_refund(bought)

    assert (refunding.status, world.rows_of(bought)) == (
        Status.REFUNDING,
        ["due"],
    )
    assert await world.drive(bought) == refunding
