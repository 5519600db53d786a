from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from application.ports.payment_events import EventKind, PaymentEvent
from domain.disputes import DisputeState
from domain.ids import PurchaseId
from domain.refunding import RefundStatus
from tests.contracts.refund_worlds import (
    P1,
    RefundWorld,
    fake_refund_world,
    paid,
    simulated_refund_world,
)

P2 = PurchaseId("p-2")
MINUTE = timedelta(minutes=1)


@pytest.fixture(params=[fake_refund_world, simulated_refund_world])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[RefundWorld]:
    async with request.param() as made:
        yield made


def a_minute_ago(world: RefundWorld) -> datetime:
    return world.payments.now() - MINUTE


async def later(world: RefundWorld) -> datetime:
    """Let a minute pass in which nothing happens; return a moment of it."""
    await world.advance(MINUTE)
    moment = world.payments.now() + MINUTE / 2
    await world.advance(MINUTE)
    return moment


async def events(world: RefundWorld, since: datetime) -> list[PaymentEvent]:
    return [event async for event in world.history.events_since(since)]


async def test_sessions_are_listed_as_they_are_now(world: RefundWorld) -> None:
    before = a_minute_ago(world)
    intents = {P1: await paid(world, P1), P2: await paid(world, P2)}

    listed = [session async for session in world.history.sessions_since(before)]

    assert {s.purchase_id: s.payment_intent for s in listed} == intents
    assert listed[0] == await world.payments.get_session(listed[0].id)
    assert all(session.is_paid for session in listed)


async def test_refunds_are_listed_as_they_are_now_by_whomever(
    world: RefundWorld,
) -> None:
    before = a_minute_ago(world)
    intent = await paid(world)
    await world.begin_as("pending")
    ours = await world.refunds.create_refund(
        key="rf:r-1", payment_intent=intent, amount=100, purchase_id=P1, row_id="r-1"
    )
    await world.settle(ours.id, RefundStatus.FAILED)
    await world.refund_outside(intent, 30_00)

    outside, failed = [r async for r in world.history.refunds_since(before)]

    assert (outside.amount, outside.row_id, outside.app) == (30_00, None, None)
    assert outside.payment_intent == intent
    assert failed == await world.refunds.get_refund(ours.id)
    assert failed.status is RefundStatus.FAILED


async def test_disputes_are_listed_as_they_are_now(world: RefundWorld) -> None:
    before = a_minute_ago(world)
    intent = await paid(world)
    await world.charge_back(intent)
    (opened,) = [report async for report in world.history.disputes_since(before)]
    await world.decide(opened.dispute.id, DisputeState.LOST)

    (lost,) = [report async for report in world.history.disputes_since(before)]

    assert opened.dispute.state is DisputeState.NEEDS_RESPONSE
    assert lost.dispute.state is DisputeState.LOST
    assert lost.payment_intent == intent
    assert str(lost.dispute.amount) == "100.00 EUR"


async def test_a_dispute_is_fetched_by_its_id_as_it_is_now(world: RefundWorld) -> None:
    before = a_minute_ago(world)
    await world.charge_back(await paid(world))
    (opened,) = [report async for report in world.history.disputes_since(before)]
    await world.decide(opened.dispute.id, DisputeState.LOST)

    lost = await world.history.dispute(opened.dispute.id)

    assert lost is not None
    assert lost.dispute.state is DisputeState.LOST
    assert lost.payment_intent == opened.payment_intent
    assert await world.history.dispute("dp_nobodys") is None


async def test_events_tell_what_happened_the_latest_first(world: RefundWorld) -> None:
    before = a_minute_ago(world)
    intent = await paid(world)
    await world.refund_outside(intent, 30_00)
    await world.charge_back(intent)

    told = await events(world, before)

    dispute, refund, *_ = [e for e in told if e.kind is not EventKind.CHARGE_REFUNDED]
    charge = next(e.charge for e in told if e.kind is EventKind.CHARGE_REFUNDED)
    assert dispute.kind is EventKind.DISPUTE_CREATED
    assert refund.kind is EventKind.REFUND_CREATED
    assert refund.refund is not None
    assert (refund.refund.amount, refund.refund.payment_intent) == (30_00, intent)
    assert charge is not None
    assert (charge.amount_refunded, charge.purchase_id) == (30_00, P1)
    assert told[-1].kind is EventKind.SESSION_COMPLETED
    assert told[-1].session is not None
    assert told[-1].session.payment_intent == intent


async def test_what_came_before_is_not_listed(world: RefundWorld) -> None:
    intent = await paid(world)
    await world.refund_outside(intent, 30_00)
    await world.charge_back(intent)
    since = await later(world)
    history = world.history
    an_hour_before = since - timedelta(hours=1)
    (report,) = [d async for d in history.disputes_since(an_hour_before)]
    await world.decide(report.dispute.id, DisputeState.WON)

    assert [s async for s in history.sessions_since(since)] == []
    assert [r async for r in history.refunds_since(since)] == []
    assert [d async for d in history.disputes_since(since)] == []
    assert [e.kind for e in await events(world, since)] == [EventKind.DISPUTE_CLOSED]


async def test_more_than_a_page_is_listed_whole(world: RefundWorld) -> None:
    before = a_minute_ago(world)
    intent = await paid(world)
    for _ in range(101):
        await world.refund_outside(intent, 1)

    listed = [refund.id async for refund in world.history.refunds_since(before)]

    assert len(set(listed)) == 101
    assert listed == [refund.id for refund in await world.refunds.refunds_of(intent)]


async def test_an_event_is_found_by_its_id(world: RefundWorld) -> None:
    before = a_minute_ago(world)
    await paid(world)
    (told,) = await events(world, before)

    assert await world.history.event(told.id) == told


async def test_an_event_is_forgotten_after_thirty_days(world: RefundWorld) -> None:
    before = a_minute_ago(world)
    await paid(world)
    (told,) = await events(world, before)

    await world.advance(timedelta(days=30, hours=1))

    assert await events(world, before) == []
    assert await world.history.event(told.id) is None


async def test_an_event_that_never_was_is_none(world: RefundWorld) -> None:
    assert await world.history.event("evt_nowhere") is None
