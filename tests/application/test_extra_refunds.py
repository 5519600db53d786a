"""Money that does not complete its purchase goes back, once."""

from dataclasses import replace

import pytest

from application.ports.payment_events import EventKind
from application.receive_event import EventOutcome
from domain.purchase import Purchase, Status
from domain.refunding import RefundStatus
from domain.refunds import ExtraPaymentState
from tests.application.world import World, session_of
from tests.examples import a_dispute_report, a_paid_session, an_extra_payment

CREATED, DISPUTED = EventKind.REFUND_CREATED, EventKind.DISPUTE_CREATED
REFUNDED = EventKind.CHARGE_REFUNDED


async def late_money(world: World) -> tuple[Purchase, str]:
    """Let a closed purchase be paid; return it and the payment."""
    purchase = (await world.check_out()).purchase
    await world.cancel(purchase)
    late = world.payments.plant(
        a_paid_session(
            id=session_of(purchase), purchase_id=purchase.id, payment_intent="pi_late"
        )
    )
    await world.tell(late)
    world.alerts.sent.clear()
    return purchase, "pi_late"


async def test_late_money_goes_back_when_it_is_driven() -> None:
    world = World()
    purchase, intent = await late_money(world)
    owing = await world.purchases.owing(at=world.clock.now(), limit=5)
    assert [row.id for row in owing] == [purchase.id]
    assert not world.refunds.refunds

    driven = await world.drive(purchase)

    assert driven.extra_payments[0].state is ExtraPaymentState.DONE
    assert driven.status is Status.CLOSED
    assert world.refunds.given_back(intent) == 8_000
    assert await world.drive(purchase) == driven
    assert world.refunds.created == {f"{session_of(purchase)}:0": 1}
    assert set(world.refunds.keys) == {f"rf:{session_of(purchase)}:0"}


async def test_a_word_on_late_money_moves_its_row_only() -> None:
    world = World()
    purchase, intent = await late_money(world)
    report = world.refunds.refund_outside(intent)

    assert await world.tell(report, CREATED) is EventOutcome.APPLIED
    await world.tell(world.charge(intent), REFUNDED)

    row = world.row(purchase)
    assert (row.status, row.refunds) == (Status.CLOSED, ())
    assert row.extra_payments[0].state is ExtraPaymentState.DONE


async def test_late_money_that_others_gave_back_in_parts_is_settled() -> None:
    world = World()
    purchase, intent = await late_money(world)
    world.refunds.refund_outside(intent, 3_000)
    world.refunds.refund_outside(intent)

    driven = await world.drive(purchase)

    assert driven.extra_payments[0].state is ExtraPaymentState.DONE
    assert world.payments.calls["create_refund"] == 0


async def test_of_late_money_the_rest_goes_back() -> None:
    world = World()
    purchase, intent = await late_money(world)
    world.refunds.refund_outside(intent, 3_000)

    driven = await world.drive(purchase)

    assert driven.extra_payments[0].state is ExtraPaymentState.DONE
    assert world.refunds.given_back(intent) == 8_000
    assert len(world.refunds.refunds) == 2


async def test_a_part_of_late_money_that_comes_back_goes_back_again() -> None:
    world = World()
    purchase, intent = await late_money(world)
    part = world.refunds.refund_outside(intent, 3_000)
    await world.drive(purchase)

    back = world.refunds.settle(part.id, RefundStatus.FAILED)
    await world.tell(back, EventKind.REFUND_FAILED)
    driven = await world.drive(purchase)

    assert driven.extra_payments[0].state is ExtraPaymentState.DONE
    assert world.refunds.given_back(intent) == 8_000
    assert world.alerts.codes == ["extra_refund_failed"]


async def test_a_list_read_before_a_failure_does_not_hide_it() -> None:
    world = World()
    purchase, intent = await late_money(world)
    outside = world.refunds.refund_outside(intent)

    async def it_comes_back() -> None:
        back = world.refunds.settle(outside.id, RefundStatus.FAILED)
        await world.tell(back, EventKind.REFUND_FAILED)

    world.gate.once("after payments.refunds_of", it_comes_back)  # it was listed as done
    await world.drive(purchase)
    driven = await world.drive(purchase)

    assert driven.extra_payments[0].state is ExtraPaymentState.DONE
    assert world.refunds.given_back(intent) == 8_000
    assert world.refunds.created == {None: 1, f"{session_of(purchase)}:0": 1}


@pytest.mark.parametrize("lost", ["lose_request", "lose_answer"])
async def test_late_money_is_sent_once_whatever_gets_lost(lost: str) -> None:
    world = World()
    purchase, intent = await late_money(world)
    getattr(world.payments, lost)("create_refund")

    first = await world.drive(purchase)
    assert first.has_open_money
    await world.drive(purchase)

    assert not world.row(purchase).has_open_money
    assert len(world.refunds.listed(intent)) == 1


async def test_late_money_that_fails_is_tried_under_another_key() -> None:
    world = World()
    purchase, intent = await late_money(world)
    world.refunds.begin_as = RefundStatus.FAILED
    await world.drive(purchase)
    assert world.row(purchase).extra_payments[0].tries == 1
    world.refunds.begin_as = RefundStatus.PENDING
    await world.drive(purchase)
    sent = world.row(purchase).extra_payments[0]
    world.refunds.settle(sent.stripe_id or "", RefundStatus.FAILED)
    await world.drive(purchase)
    world.refunds.begin_as = RefundStatus.SUCCEEDED

    driven = await world.drive(purchase)

    assert driven.extra_payments[0].state is ExtraPaymentState.DONE
    assert world.refunds.given_back(intent) == 8_000
    assert world.alerts.codes == ["extra_refund_failed"] * 2


async def test_late_money_that_will_not_go_is_left_to_a_human() -> None:
    world = World()
    purchase, intent = await late_money(world)
    world.refunds.charged_back.add(intent)

    for _ in range(15):
        await world.drive(purchase)

    (row,) = world.row(purchase).extra_payments
    assert (row.state, row.tries) == (ExtraPaymentState.FAILED, 12)
    assert world.payments.calls["create_refund"] == 12
    assert world.alerts.codes.count("extra_refund_given_up") == 1


async def test_disputed_late_money_is_left_to_the_bank() -> None:
    world = World()
    purchase, intent = await late_money(world)
    await world.tell(a_dispute_report(payment_intent=intent), DISPUTED)

    driven = await world.drive(purchase)

    assert driven.extra_payments[0].state is ExtraPaymentState.DISPUTED
    assert not world.refunds.refunds
    assert world.alerts.codes == ["payment_disputed"]


async def test_an_extra_payment_without_an_intent_is_left_alone() -> None:
    world = World()
    purchase, _ = await late_money(world)
    nameless = an_extra_payment(payment_intent=None)
    row = replace(world.row(purchase), extra_payments=(nameless,))
    world.store.rows[purchase.id] = row

    assert await world.drive(purchase) == row
