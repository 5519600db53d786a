"""An event that is held is a difference, until it is applied."""

from datetime import timedelta

from application.find_differences import Differences
from application.ports.payment_events import (
    EventKind,
    PaymentEvent,
    UnreadableObject,
)
from application.reconcile import Repaired
from domain.findings import FindingKind, Severity
from domain.purchase import Purchase, Status
from tests.application.world import World, intent_of

HALF_AN_HOUR = timedelta(minutes=30)


async def lost(world: World) -> tuple[Purchase, str]:
    """Lose a purchase, and hear of its refund; return it and the event's id."""
    bought = await world.bought()
    world.refunds.refund_outside(intent_of(bought))
    event = next(
        each
        for each in world.payments.events.values()
        if each.kind is EventKind.REFUND_CREATED
    )
    del world.store.rows[bought.id]
    await world.service.receive_event()(event)
    return bought, event.id


async def plan(world: World) -> Differences:
    return await world.service.differences().reconcile().plan()


async def apply(world: World, found: Differences) -> dict[str, str]:
    results: list[Repaired] = [
        each
        async for each in world.service.differences()
        .reconcile()
        .apply(found.hash, by="operator")
    ]
    return {each.finding.kind.value: each.outcome.value for each in results}


async def test_what_is_held_is_found_once_it_is_not_young() -> None:
    world = World()
    bought, event_id = await lost(world)
    assert not [f for f in (await plan(world)).findings if f.subject == event_id]
    world.advance(HALF_AN_HOUR)

    found = {finding.kind: finding for finding in (await plan(world)).findings}

    finding = found[FindingKind.QUARANTINED_EVENT]
    assert (finding.subject, finding.severity) == (event_id, Severity.WARNING)
    assert finding.evidence["payment_intent"] == intent_of(bought)
    assert finding.evidence["why"] == "unknown_payment"
    assert finding.evidence["state"] == "quarantined"


async def test_what_is_given_up_is_found_at_once() -> None:
    world = World()
    _, event_id = await lost(world)
    await world.event_log.give_up(event_id, at=world.clock.now())

    assert event_id in {finding.subject for finding in (await plan(world)).findings}


async def test_its_repair_is_to_replay_it() -> None:
    world = World()
    bought, event_id = await lost(world)
    world.store.rows[bought.id] = bought
    world.advance(HALF_AN_HOUR)
    found = await plan(world)

    outcomes = await apply(world, found)

    assert outcomes["quarantined_event"] == "repaired"
    assert world.row(bought).status is Status.REFUNDED
    assert await world.event_log.get(event_id) is None


async def test_what_cannot_be_applied_yet_stays_as_it_is() -> None:
    world = World()
    odd = PaymentEvent(
        id="evt_odd",
        kind=EventKind.REFUND_UPDATED,
        type_name="refund.updated",
        livemode=False,
        created_at=world.payments.now(),
        unreadable=UnreadableObject(why="status", app="spothold", environment="test"),
    )
    world.payments.events[odd.id] = odd
    await world.service.receive_event()(odd)
    world.advance(HALF_AN_HOUR)

    assert await apply(world, await plan(world)) == {"quarantined_event": "unchanged"}


async def test_a_refund_of_what_is_an_orphan_by_now_is_applied() -> None:
    world = World()
    await lost(world)
    world.advance(HALF_AN_HOUR)

    assert (await apply(world, await plan(world)))["quarantined_event"] == "repaired"

    (orphan,) = world.orphans.stored.values()
    assert not orphan.is_owed


async def test_whoever_holds_it_tells_of_it_and_nobody_else_does() -> None:
    world = World()
    await lost(world)
    world.advance(HALF_AN_HOUR)

    await world.service.differences().keep_findings()()

    told = [code for code in world.alerts.codes if "event" in code]
    assert told == ["event_quarantined"]
