"""What was held is tried again, by itself and in the end by a human."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from application.claim_and_drive import LEASE
from application.ports.event_log import EventState
from application.ports.payment_events import EventKind, PaymentEvent
from application.ports.payments import PaymentGatewayUnavailable
from application.ports.storage import StorageUnavailable
from application.recall_event import EventGone
from application.receive_event import EventOutcome
from domain.ids import PurchaseId
from domain.purchase import Purchase, Status
from entrypoints.simulation.outside.clock import NOON
from tests.application.world import World, intent_of, session_of
from tests.examples import a_paid_session
from tests.fakes.turnstile import Crash

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


async def lost(world: World) -> tuple[Purchase, PaymentEvent]:
    """Buy, refund in the dashboard, and hear of it while the purchase is gone."""
    bought = await world.bought(as_class_rep=True)
    world.refunds.refund_outside(intent_of(bought))
    event = happened(world, EventKind.REFUND_CREATED)
    del world.store.rows[bought.id]
    outcome = await world.service.receive_event()(event)
    assert outcome is EventOutcome.QUARANTINED
    world.alerts.sent.clear()
    world.gate.forget()
    return bought, event


def happened(world: World, kind: EventKind) -> PaymentEvent:
    """Return the last event of a kind that the provider remembers."""
    return [e for e in world.payments.events.values() if e.kind is kind][-1]


def restore(world: World, purchase: Purchase) -> None:
    world.store.rows[purchase.id] = purchase


async def retry(world: World) -> int:
    return await world.service.quarantine().retry_quarantined()()


async def test_what_can_be_applied_after_all_is_applied_and_no_longer_held() -> None:
    world = World()
    bought, event = await lost(world)
    restore(world, bought)
    world.advance(MINUTE)

    assert await retry(world) == 1

    assert world.row(bought).status is Status.REFUNDED
    assert not world.held()
    assert world.event_log.rows[event.id].state is EventState.RESOLVED
    assert world.event_log.noted == {event.id: "applied"}
    assert not world.alerts.sent


async def test_before_its_pause_is_over_nobody_tries() -> None:
    world = World()
    bought, _ = await lost(world)
    restore(world, bought)
    world.advance(MINUTE - timedelta(seconds=1))

    assert await retry(world) == 0

    assert world.gate.calls == {"event_log.due": 1}
    assert world.row(bought).status is Status.COMPLETED


async def test_pauses_grow_from_half_a_minute_to_hours_and_nobody_is_told() -> None:
    world = World()
    _, event = await lost(world)
    pauses = []

    for _ in range(12):
        held = world.event_log.rows[event.id]
        world.clock.at = held.until
        assert await retry(world) == 0
        pauses.append(world.event_log.rows[event.id].until - world.clock.at)

    assert pauses[0] <= MINUTE
    for n, pause in enumerate(pauses):
        longest = min(MINUTE * 2**n, timedelta(hours=6))
        assert longest / 2 <= pause <= longest
    assert (
        len(
            {
                pause / min(MINUTE * 2**n, 6 * 60 * MINUTE)
                for n, pause in enumerate(pauses)
            }
        )
        > 6
    )
    assert world.event_log.rows[event.id].tries == 12
    assert not world.alerts.sent


async def test_after_thirty_days_a_human_is_told_and_it_stays_listed() -> None:
    world = World()
    _, event = await lost(world)
    world.advance(30 * DAY)
    world.payments.events[event.id] = replace(event, created_at=world.clock.at)

    assert await retry(world) == 0
    world.advance(DAY)
    assert await retry(world) == 0

    (held,) = await world.event_log.held(limit=9)
    assert held.state is EventState.GIVEN_UP
    (alert,) = world.alerts.sent
    assert (alert.code, alert.facts["event_id"]) == ("event_given_up", event.id)
    assert f"spothold events replay {event.id}" in alert.next_step


async def test_a_human_may_replay_what_was_given_up() -> None:
    world = World()
    bought, event = await lost(world)
    await world.event_log.give_up(event.id, at=NOON)
    restore(world, bought)

    outcome = await world.service.quarantine().replay_event()(event.id)

    assert outcome is EventOutcome.APPLIED
    assert world.row(bought).status is Status.REFUNDED
    assert not await world.event_log.held(limit=9)


async def test_a_replay_of_what_was_applied_changes_nothing() -> None:
    world = World()
    bought = await world.bought()
    event = happened(world, EventKind.SESSION_COMPLETED)

    assert (
        await world.service.quarantine().replay_event()(event.id)
        is EventOutcome.APPLIED
    )

    assert world.row(bought) == bought
    assert not world.event_log.rows


# --- When the provider has forgotten the event ---


async def test_of_a_refund_without_its_event_the_refund_is_looked_up() -> None:
    world = World()
    bought, event = await lost(world)
    world.payments.events.clear()
    restore(world, bought)
    world.advance(MINUTE)

    assert await retry(world) == 1

    assert world.row(bought).status is Status.REFUNDED
    assert world.event_log.rows[event.id].state is EventState.RESOLVED


async def test_of_a_session_without_its_event_the_session_is_looked_up() -> None:
    world = World()
    purchase = (await world.check_out()).purchase
    paid = world.payments.pay(session_of(purchase))
    world.gate.fail_once("before purchases.change", ValueError())
    assert await world.tell(paid) is EventOutcome.QUARANTINED
    world.payments.events.clear()
    world.advance(MINUTE)

    assert await retry(world) == 1

    assert world.row(purchase).status is Status.COMPLETED


async def test_a_dispute_without_its_event_is_left_to_a_human_at_once() -> None:
    world = World()
    bought = await world.bought()
    del world.store.rows[bought.id]
    world.refunds.dispute(intent_of(bought))
    event = happened(world, EventKind.DISPUTE_CREATED)
    await world.service.receive_event()(event)
    world.payments.events.clear()
    world.advance(MINUTE)

    assert await retry(world) == 0

    assert world.event_log.rows[event.id].state is EventState.GIVEN_UP
    assert world.alerts.codes[-1] == "event_given_up"
    assert "event_gone" in world.alerts.sent[-1].message


async def test_an_event_that_nobody_knows_is_gone() -> None:
    with pytest.raises(EventGone, match="evt_unknown"):
        await World().service.quarantine().replay_event()("evt_unknown")


# --- Many at once, and bad luck ---


async def test_instances_share_the_work() -> None:
    world = World()
    bought, _ = await lost(world)
    restore(world, bought)
    world.advance(MINUTE)
    two = [world.service, world.instance(worker="two")]

    applied = await asyncio.gather(
        *(each.quarantine().retry_quarantined()() for each in two)
    )

    assert sum(applied) == 1
    assert world.gate.calls["payments.event"] == 1


async def test_who_was_taken_over_pushes_nothing_back() -> None:
    world = World()
    bought, event = await lost(world)
    other = world.instance(worker="two").quarantine()
    world.advance(MINUTE)

    async def taken_over() -> None:
        world.advance(LEASE)
        assert await other.retry_quarantined()() == 0

    world.gate.once("before event_log.put_off", taken_over)
    world.gate.fail_once("after payments.event", ValueError())
    assert await retry(world) == 0

    held = world.event_log.rows[event.id]
    assert (held.tries, held.why) == (2, "unknown_payment")
    assert MINUTE <= held.until - world.clock.at <= 2 * MINUTE
    restore(world, bought)
    world.clock.at = held.until
    assert await other.retry_quarantined()() == 1


async def test_what_another_has_applied_is_not_held_again_by_who_comes_late() -> None:
    world = World()
    bought, event = await lost(world)
    restore(world, bought)
    other = world.instance(worker="two").quarantine()
    world.advance(MINUTE)

    async def taken_over() -> None:
        world.advance(LEASE)
        assert await other.retry_quarantined()() == 1
        raise ValueError

    world.gate.once("after payments.event", taken_over)
    assert await retry(world) == 0

    assert world.event_log.rows[event.id].state is EventState.RESOLVED
    assert not world.held()
    assert not world.alerts.sent


async def test_who_was_taken_over_gives_nothing_up() -> None:
    world = World()
    bought, event = await lost(world)
    world.advance(30 * DAY)
    world.payments.events[event.id] = replace(event, created_at=world.clock.at)
    other = world.instance(worker="two")

    async def taken_over() -> None:
        world.advance(LEASE)
        (held,) = await other.event_log().due(at=world.clock.at, limit=9)
        at = world.clock.at
        assert await other.event_log().claim(held, at=at, until=at + LEASE)

    world.gate.once("before event_log.put_off", taken_over)
    assert await retry(world) == 0

    assert world.event_log.rows[event.id].state is EventState.QUARANTINED
    restore(world, bought)
    world.advance(LEASE)
    assert await retry(world) == 1


async def test_one_that_fails_stops_no_other() -> None:
    world = World()
    await lost(world)
    second, event = await lost(world)
    restore(world, second)
    world.gate.fail_once("after payments.event", ValueError())
    world.advance(MINUTE)

    assert await retry(world) == 1

    reasons = {row.why for row in await world.event_log.held(limit=9)}
    assert reasons == {"ValueError"}
    assert world.event_log.rows[event.id].state is EventState.RESOLVED


@pytest.mark.parametrize(
    ("moment", "error"),
    [
        ("before payments.event", PaymentGatewayUnavailable()),
        ("after purchases.swap_money", StorageUnavailable()),
        ("before event_log.resolve", StorageUnavailable()),
    ],
)
async def test_what_fails_for_a_while_is_tried_again_for_its_own_reason(
    moment: str, error: Exception
) -> None:
    world = World()
    bought, event = await lost(world)
    restore(world, bought)
    world.gate.fail_once(moment, error)
    world.advance(MINUTE)

    assert await retry(world) == 0
    assert world.event_log.rows[event.id].why == "unknown_payment"
    world.advance(MINUTE)
    assert await retry(world) == 1

    assert world.row(bought).status is Status.REFUNDED
    assert world.event_log.rows[event.id].state is EventState.RESOLVED


async def test_a_round_ends_in_time_and_leaves_the_rest_to_the_next() -> None:
    world = World()
    for _ in range(3):
        await lost(world)
    world.advance(MINUTE)

    async def dawdle() -> None:
        world.advance(timedelta(seconds=46))

    world.gate.once("before payments.event", dawdle)
    await retry(world)
    assert world.gate.calls["payments.event"] == 1


async def test_a_round_takes_fifty_at_most() -> None:
    world = World()
    world.payments.plant(a_paid_session(purchase_id=PurchaseId("gone")))
    for _ in range(60):
        world.refunds.refund_outside("pi_1", 10)
        event = happened(world, EventKind.REFUND_CREATED)
        await world.service.receive_event()(event)
    world.gate.forget()
    world.advance(MINUTE)

    await retry(world)

    assert world.gate.calls["event_log.claim"] == 50


async def test_a_retry_that_dies_anywhere_is_made_good_by_the_next() -> None:
    moments = await moments_of_a_retry()
    assert moments > 10

    for number in range(moments):
        world = World()
        bought, event = await lost(world)
        restore(world, bought)
        world.advance(MINUTE)
        world.gate.crash_at(number)
        with pytest.raises(Crash):
            await retry(world)
        world.gate.crash_at(None)
        world.advance(2 * MINUTE)

        await world.instance().quarantine().retry_quarantined()()

        assert world.row(bought).status is Status.REFUNDED
        assert not world.held()
        assert world.event_log.rows[event.id].state is EventState.RESOLVED
        assert world.rows_of(bought) == ["done"]


async def moments_of_a_retry() -> int:
    world = World()
    bought, _ = await lost(world)
    restore(world, bought)
    world.advance(MINUTE)
    await retry(world)
    return len(world.gate.moments)
