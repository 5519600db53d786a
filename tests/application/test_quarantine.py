"""What is ours and cannot be applied is kept, and somebody is told."""

from dataclasses import replace

import pytest

from application.ports.event_log import EventFacts, EventState
from application.ports.locks import LockTimeout
from application.ports.payment_events import (
    EventKind,
    PaymentEvent,
    UnreadableObject,
)
from application.ports.payments import PaymentGatewayUnavailable
from application.ports.storage import StorageUnavailable
from application.receive_event import EventOutcome
from domain.ids import PurchaseId
from domain.purchase import IllegalTransition, Status
from entrypoints.simulation.outside.clock import NOON
from tests.application.world import World, intent_of, session_of
from tests.examples import a_dispute_report, a_paid_session, a_refund_report

CREATED = EventKind.REFUND_CREATED


def with_a_payment_that_nobody_knows() -> World:
    world = World()
    world.payments.plant(a_paid_session(purchase_id=PurchaseId("gone")))
    return world


async def test_a_refund_of_an_unknown_payment_is_held_before_it_is_acknowledged() -> (
    None
):
    world = with_a_payment_that_nobody_knows()
    refund = a_refund_report()

    assert await world.tell(refund, CREATED) is EventOutcome.QUARANTINED

    (held,) = world.event_log.rows.values()
    assert held.event == EventFacts(
        id="evt_1",
        kind="refund.created",
        object_id=refund.id,
        payment_intent="pi_1",
        purchase_id=refund.purchase_id,
    )
    assert (held.why, held.state) == ("unknown_payment", EventState.QUARANTINED)
    assert (held.first_seen, held.tries) == (NOON, 0)
    assert world.alerts.codes == ["event_quarantined"]


async def test_of_a_dispute_its_own_name_is_kept() -> None:
    world = with_a_payment_that_nobody_knows()
    report = a_dispute_report()

    await world.tell(report, EventKind.DISPUTE_CREATED)

    (held,) = world.event_log.rows.values()
    assert held.event.object_id == report.dispute.id
    assert held.event.payment_intent == "pi_1"


async def test_an_event_that_comes_again_is_told_once() -> None:
    world = with_a_payment_that_nobody_knows()
    event = world.event(a_refund_report(), CREATED)

    for _ in range(3):
        outcome = await world.service.receive_event()(event)
        assert outcome is EventOutcome.QUARANTINED

    assert len(world.event_log.rows) == 1
    assert world.alerts.codes == ["event_quarantined"]


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (ValueError("ada@example.org"), "ValueError"),
        (
            IllegalTransition(current=Status.CREATING, wanted=Status.COMPLETED),
            IllegalTransition.code,
        ),
    ],
)
async def test_what_contradicts_is_held_and_quotes_nobody(
    error: Exception, why: str
) -> None:
    world = World()
    purchase = (await world.check_out()).purchase
    paid = world.payments.pay(session_of(purchase))
    world.gate.fail_once("before purchases.change", error)

    assert await world.tell(paid) is EventOutcome.QUARANTINED

    (held,) = world.event_log.rows.values()
    assert (held.why, held.event.object_id) == (why, paid.id)
    assert held.event.purchase_id == purchase.id
    (alert,) = world.alerts.sent
    assert why in alert.message
    assert "ada@example.org" not in repr(alert)


@pytest.mark.parametrize(
    "error",
    [
        StorageUnavailable(),
        PaymentGatewayUnavailable(),
        LockTimeout("key", waited=NOON - NOON),
    ],
)
async def test_what_may_work_the_next_time_is_the_providers_to_send(
    error: Exception,
) -> None:
    world = World()
    purchase = (await world.check_out()).purchase
    paid = world.payments.pay(session_of(purchase))
    world.gate.fail_once("before purchases.change", error)

    with pytest.raises(type(error)):
        await world.tell(paid)

    assert not world.event_log.rows
    assert not world.alerts.sent


@pytest.mark.parametrize("when", ["before", "after"])
async def test_what_may_not_be_held_is_not_acknowledged(when: str) -> None:
    world = with_a_payment_that_nobody_knows()
    event = world.event(a_refund_report(), CREATED)
    world.gate.fail_once(f"{when} event_log.quarantine", StorageUnavailable())

    with pytest.raises(StorageUnavailable):
        await world.service.receive_event()(event)
    outcome = await world.service.receive_event()(event)

    assert outcome is EventOutcome.QUARANTINED
    assert len(world.event_log.rows) == 1


async def test_what_is_applied_leaves_no_row_beside_its_effect() -> None:
    world = World()
    await world.bought()

    assert not world.event_log.rows
    assert not world.event_log.noted


async def test_an_orphans_event_is_noted_once_its_money_has_a_record() -> None:
    world = World()
    event = world.event(a_paid_session(purchase_id=PurchaseId("gone")))

    for _ in range(2):
        outcome = await world.service.receive_event()(event)
        assert outcome is EventOutcome.ORPHANED

    assert world.event_log.noted == {"evt_1": "orphaned"}
    assert not world.event_log.rows


async def test_of_others_nothing_is_kept() -> None:
    world = World()

    told = await world.tell(replace(a_paid_session(), app="another"))

    assert told is EventOutcome.FOREIGN
    assert not world.event_log.rows
    assert not world.event_log.noted


# --- In words that we cannot read ---


def unreadable(world: World, **names: str | None) -> PaymentEvent:
    found = UnreadableObject(why="status in api_version x", id="re_1", **names)  # type: ignore[arg-type]
    return PaymentEvent(
        id="evt_odd",
        kind=EventKind.REFUND_UPDATED,
        type_name="refund.updated",
        livemode=False,
        created_at=world.payments.now(),
        unreadable=found,
    )


OURS = {"app": "spothold", "environment": "test"}


async def test_what_is_ours_and_unreadable_is_held_until_we_can_read_it() -> None:
    world = World()
    event = unreadable(world, payment_intent="pi_1", **OURS)

    outcome = await world.service.receive_event()(event)

    assert outcome is EventOutcome.QUARANTINED
    (held,) = world.event_log.rows.values()
    assert held.why == "unreadable: status in api_version x"
    assert (held.event.object_id, held.event.payment_intent) == ("re_1", "pi_1")
    assert world.alerts.codes == ["event_quarantined"]
    assert not world.payments.calls


async def test_what_bears_no_mark_and_is_unreadable_is_ours_if_its_payment_is() -> None:
    world = World()
    bought = await world.bought()
    event = unreadable(world, payment_intent=intent_of(bought))

    outcome = await world.service.receive_event()(event)

    assert outcome is EventOutcome.QUARANTINED
    assert set(world.event_log.rows) == {"evt_odd"}


@pytest.mark.parametrize(
    "whose",
    [
        {"app": "spothold", "environment": "staging"},
        {"app": "another", "environment": "test"},
        {"payment_intent": "pi_x"},
        {},
    ],
)
async def test_what_others_said_in_strange_words_is_none_of_our_business(
    whose: dict[str, str],
) -> None:
    world = World()
    stranger = replace(a_paid_session(), payment_intent="pi_x", app="another")
    world.payments.plant(stranger)

    outcome = await world.service.receive_event()(unreadable(world, **whose))

    assert outcome is EventOutcome.FOREIGN
    assert not world.event_log.rows
    assert not world.alerts.sent
