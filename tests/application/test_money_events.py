"""Word of refunds and disputes, ours or others', in any order."""

from dataclasses import replace
from typing import Any

import pytest

from application.ports.payment_events import EventKind
from application.ports.payments import PaymentGatewayUnavailable
from application.receive_event import EventOutcome
from application.start_checkout import CheckoutUnresolved
from domain.disputes import DisputeState
from domain.ids import PurchaseId, SessionId
from domain.purchase import Status
from domain.refunding import RefundStatus
from domain.settlement import LivemodeMismatch
from tests.application.world import World, intent_of, session_of
from tests.examples import (
    a_dispute_report,
    a_paid_session,
    a_refund_report,
)

CREATED, UPDATED = EventKind.REFUND_CREATED, EventKind.REFUND_UPDATED
REFUNDED = EventKind.CHARGE_REFUNDED
DISPUTED = EventKind.DISPUTE_CREATED


# --- From outside -------------------------------------------------------------


async def test_a_refund_in_the_dashboard_ends_the_purchase() -> None:
    world = World()
    bought = await world.bought(as_class_rep=True)
    report = world.refunds.refund_outside(intent_of(bought))

    for _ in range(3):
        assert await world.tell(report, CREATED) is EventOutcome.APPLIED

    row = world.row(bought)
    assert (row.status, row.refunds[0].id) == (Status.REFUNDED, report.id)
    assert world.rows_of(bought) == ["done"]
    assert not world.held()


async def test_a_part_in_the_dashboard_leaves_it_completed() -> None:
    world = World()
    bought = await world.bought()
    report = world.refunds.refund_outside(intent_of(bought), 1_000)

    await world.tell(report, CREATED)

    assert world.row(bought).status is Status.COMPLETED
    assert world.row(bought).refunded_amount == 1_000


async def test_of_a_charge_the_refunds_are_looked_up() -> None:
    world = World()
    bought = await world.bought()
    intent = intent_of(bought)
    world.refunds.refund_outside(intent, 1_000)
    world.refunds.refund_outside(intent)

    assert await world.tell(world.charge(intent), REFUNDED) is EventOutcome.APPLIED

    assert world.row(bought).status is Status.REFUNDED
    assert [row.amount.amount for row in world.row(bought).refunds] == [1_000, 7_000]


async def test_what_is_accounted_for_is_not_looked_up() -> None:
    world = World()
    bought = await world.bought()
    await world.ask_refund(bought)
    world.payments.calls.clear()

    await world.tell(world.charge(intent_of(bought)), REFUNDED)

    assert not world.payments.calls


async def test_a_refund_that_is_only_due_accounts_for_nothing() -> None:
    world = World()
    bought = await world.bought()
    intent = intent_of(bought)
    world.payments.lose_request("create_refund")
    await world.ask_refund(bought)
    world.refunds.refund_outside(intent)

    await world.tell(world.charge(intent), REFUNDED)

    assert world.row(bought).status is Status.REFUNDED
    assert world.rows_of(bought) == ["due", "done"]
    assert (await world.drive(bought)).has_open_money is False
    assert world.refunds.given_back(intent) == 8_000


async def test_a_refund_without_room_is_told_to_the_humans() -> None:
    world = World()
    bought = await world.bought()
    for _ in range(10):
        await world.tell(world.refunds.refund_outside(intent_of(bought), 1), CREATED)

    await world.tell(world.refunds.refund_outside(intent_of(bought)), CREATED)

    assert len(world.row(bought).refunds) == 10
    assert world.alerts.codes == ["refund_without_room"]


# --- Whose it is --------------------------------------------------------------


@pytest.mark.parametrize(
    "mark", [{"app": "other"}, {"app": "spothold", "environment": "staging"}]
)
async def test_what_bears_another_mark_is_foreign(mark: dict[str, Any]) -> None:
    world = World()
    told = a_refund_report(purchase_id=PurchaseId("p-1"), **mark)

    assert await world.tell(told, CREATED) is EventOutcome.FOREIGN

    assert not world.payments.calls
    assert not world.alerts.sent


async def test_money_of_the_other_mode_is_refused_and_reported() -> None:
    world = World()
    bought = await world.bought()
    report = world.refunds.refund_outside(intent_of(bought))

    with pytest.raises(LivemodeMismatch):
        await world.service.receive_event()(world.event(report, CREATED, livemode=True))

    assert world.row(bought) == bought
    assert world.alerts.codes == ["livemode_mismatch"]


async def test_a_payment_of_others_is_foreign() -> None:
    world = World()
    foreign = a_paid_session(id=SessionId("cs_x"), payment_intent="pi_x", app="other")
    world.payments.plant(foreign)

    for told, kind in (
        (a_refund_report(payment_intent="pi_x"), CREATED),
        (a_dispute_report(payment_intent="pi_x"), DISPUTED),
        (world.charge("pi_x"), REFUNDED),
    ):
        assert await world.tell(told, kind) is EventOutcome.FOREIGN
    assert not world.alerts.sent


async def test_money_of_ours_that_nobody_knows_is_told_to_the_humans() -> None:
    world = World()
    world.payments.plant(a_paid_session(purchase_id=PurchaseId("gone")))

    for told, kind in (
        (a_refund_report(), CREATED),
        (a_dispute_report(), DISPUTED),
        (world.charge("pi_1"), REFUNDED),
    ):
        assert await world.tell(told, kind) is EventOutcome.QUARANTINED
    assert world.alerts.codes == ["event_quarantined"] * 3


async def test_a_payment_that_the_purchase_does_not_know_is_an_orphan() -> None:
    world = World()
    bought = await world.bought()
    stray = replace(world.session(bought), id=SessionId("cs_x"), payment_intent="pi_x")
    world.payments.plant(stray)

    assert await world.tell(a_refund_report(payment_intent="pi_x"), CREATED) is (
        EventOutcome.QUARANTINED
    )
    assert world.row(bought) == bought


async def test_without_an_answer_the_event_must_come_again() -> None:
    world = World()
    purchase = (await world.check_out()).purchase
    paid = world.payments.pay(session_of(purchase))
    told = world.refunds.refund_outside(paid.payment_intent or "")
    world.payments.lose_answer("owner_of")

    with pytest.raises(PaymentGatewayUnavailable):
        await world.tell(told, CREATED)
    assert await world.tell(told, CREATED) is EventOutcome.APPLIED

    assert world.row(purchase).status is Status.REFUNDED


async def test_a_refund_before_its_unsaved_session_settles_it_first() -> None:
    world = World()
    world.payments.lose_answer("create_session")
    with pytest.raises(CheckoutUnresolved):
        await world.check_out()
    (purchase,) = world.rows
    (session,) = world.sessions
    paid = world.payments.pay(session.id)
    told = world.refunds.refund_outside(paid.payment_intent or "")

    await world.tell(told, CREATED)

    assert world.row(purchase).status is Status.REFUNDED
    assert world.history(purchase) == [Status.COMPLETED, Status.REFUNDED]


# --- Disputes -----------------------------------------------------------------


async def test_a_dispute_is_flagged_and_told_to_the_humans() -> None:
    world = World()
    bought = await world.bought(as_class_rep=True)
    report = a_dispute_report(payment_intent=intent_of(bought))

    for _ in range(2):
        assert await world.tell(report, DISPUTED) is EventOutcome.APPLIED

    assert world.row(bought).dispute == report.dispute
    assert world.row(bought).is_owned
    assert world.alerts.codes == ["payment_disputed"]


@pytest.mark.parametrize(
    ("amount", "status"), [(5_000, Status.REFUNDED), (4_999, Status.COMPLETED)]
)
async def test_a_lost_dispute_ends_what_it_took(amount: int, status: Status) -> None:
    world = World()
    bought = await world.bought(as_class_rep=True)
    lost = a_dispute_report(
        DisputeState.LOST, amount=amount, payment_intent=intent_of(bought)
    )

    await world.tell(lost, EventKind.DISPUTE_CLOSED)

    assert world.row(bought).status is status
    assert bool(world.held()) is (status is Status.COMPLETED)


async def test_what_comes_back_after_a_success_is_owed_again() -> None:
    world = World()
    bought = await world.bought()
    refunded = await world.ask_refund(bought)
    first = refunded.refunds[0].stripe_id or ""

    await world.tell(
        world.refunds.settle(first, RefundStatus.FAILED), EventKind.REFUND_FAILED
    )

    assert world.rows_of(bought) == ["failed", "due"]
    assert world.row(bought).status is Status.REFUNDED
    assert world.alerts.codes == ["refund_failed_after_success"]
    again = await world.drive(bought)
    assert world.rows_of(bought) == ["failed", "done"]
    assert not again.has_open_money
    assert world.refunds.given_back(intent_of(bought)) == 8_000


async def test_what_came_back_while_disputed_is_owed_once_the_bank_decided() -> None:
    world = World()
    bought = await world.bought()
    intent = intent_of(bought)
    refunded = await world.ask_refund(bought)
    await world.tell(a_dispute_report(payment_intent=intent), DISPUTED)
    failed = world.refunds.settle(
        refunded.refunds[0].stripe_id or "", RefundStatus.FAILED
    )
    await world.tell(failed, EventKind.REFUND_FAILED)
    assert world.rows_of(bought) == ["failed"]

    won = a_dispute_report(DisputeState.WON, payment_intent=intent)
    await world.tell(won, EventKind.DISPUTE_CLOSED)

    assert world.rows_of(bought) == ["failed", "due"]
