"""Money that no purchase names goes back by itself (docs/adr/0013)."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from application.ports.payment_events import EventKind
from application.receive_event import EventOutcome
from domain.checkout import CheckoutSession
from domain.disputes import DisputeState
from domain.ids import PurchaseId, SessionId
from domain.orphans import GRACE, Orphan
from domain.purchase import Purchase, Status
from domain.refunding import RefundStatus
from domain.refunds import EXTRA_TRIES_MAX, ExtraPaymentState
from tests.application.world import World, intent_of, session_of
from tests.examples import a_paid_session
from tests.fakes.turnstile import Crash

GONE = PurchaseId("gone")
INTENT = "pi_lost"
CREATED, UPDATED = EventKind.REFUND_CREATED, EventKind.REFUND_UPDATED
FOR_LONG = GRACE + timedelta(hours=2)


async def lost(world: World, **facts: object) -> CheckoutSession:
    """Let a payment come whose purchase is not there."""
    paid = a_paid_session(
        id=SessionId("cs_lost"), payment_intent=INTENT, purchase_id=GONE
    )
    session = world.payments.plant(replace(paid, **facts))  # type: ignore[arg-type]
    assert await world.tell(session) is EventOutcome.ORPHANED
    world.alerts.sent.clear()
    return session


async def forgotten(world: World) -> Purchase:
    """Let a purchase vanish whose payment comes then; return it."""
    purchase = (await world.check_out(as_class_rep=True)).purchase
    del world.store.rows[purchase.id]
    await world.tell(world.payments.pay(session_of(purchase)))
    return purchase


async def drive(world: World, *, after: timedelta = FOR_LONG) -> int:
    world.advance(after)
    return await world.service.drive_orphans()()


def orphan(world: World) -> Orphan:
    (row,) = world.orphans.stored.values()
    return row


def state(world: World) -> str:
    return orphan(world).money.state.value


async def test_it_goes_back_after_a_while_and_once() -> None:
    world = World()
    session = await lost(world)

    driven = [await drive(world, after=GRACE / 3) for _ in range(2)]
    assert (driven, world.refunds.created.total()) == ([0, 0], 0)

    assert [await drive(world), await drive(world)] == [1, 0]
    assert state(world) == "done"
    assert world.refunds.given_back(INTENT) == session.amount_total
    assert world.refunds.created == {"cs_lost:0": 1}
    assert set(world.refunds.keys) == {"rf:cs_lost:0"}
    assert not world.alerts.sent


async def test_the_human_is_told_once_and_how_long_there_is() -> None:
    world = World()
    await lost(world)
    stray = world.payments.sessions[SessionId("cs_lost")]

    await world.tell(stray)
    assert not world.alerts.sent

    await world.tell(replace(stray, payment_intent="pi_2", id=SessionId("cs_2")))
    (alert,) = world.alerts.sent
    assert alert.code == "orphan_payment"
    assert "within 15 minutes" in alert.next_step


async def test_a_purchase_that_turns_up_keeps_it() -> None:
    """It was restored from a backup after its payment had come."""
    world = World()
    purchase = await forgotten(world)
    assert state(world) == "due"
    world.store.rows[purchase.id] = purchase

    await drive(world)
    await drive(world)

    assert world.row(purchase).status is Status.COMPLETED
    assert orphan(world).is_matched
    assert world.refunds.created.total() == 0


async def test_a_purchase_that_knows_of_it_by_itself_keeps_it() -> None:
    world = World()
    purchase = await forgotten(world)
    world.store.rows[purchase.id] = purchase
    await world.tell(world.session(purchase))
    completed = world.row(purchase)

    await drive(world)

    assert world.row(purchase) == completed
    assert orphan(world).is_matched
    assert world.refunds.created.total() == 0


async def test_what_found_no_room_on_its_purchase_goes_back_too() -> None:
    world = World()
    bought = await world.bought()
    for n in range(6):
        extra = replace(
            world.session(bought), id=SessionId(f"cs_{n}"), payment_intent=f"pi_{n}"
        )
        await world.tell(world.payments.plant(extra))

    await drive(world)

    assert state(world) == "done"
    assert not orphan(world).is_matched
    assert world.refunds.given_back("pi_5") == 8_000
    assert world.row(bought).status is Status.COMPLETED


async def test_two_that_drive_it_at_once_send_one_refund() -> None:
    world = World()
    await lost(world)
    row = orphan(world)
    services = [world.instance(worker=name) for name in ("one", "two")]

    await asyncio.gather(*(service.drive_orphan()(row) for service in services))

    assert world.refunds.created == {"cs_lost:0": 1}
    assert state(world) == "done"


@pytest.mark.parametrize(
    "moment",
    ["before payments.create_refund", "after payments.create_refund"],
)
async def test_a_death_around_the_refund_sends_no_second_one(moment: str) -> None:
    world = World()
    await lost(world)

    async def die() -> None:
        raise Crash

    world.gate.once(moment, die)
    with pytest.raises(Crash):
        await drive(world)
    world.advance(timedelta(days=2))  # its key is forgotten
    await drive(world)

    assert world.refunds.created == {"cs_lost:0": 1}
    assert state(world) == "done"


async def test_what_somebody_gave_back_by_hand_is_not_sent_again() -> None:
    world = World()
    await lost(world)
    world.refunds.refund_outside(INTENT)

    await drive(world)

    assert world.payments.calls["create_refund"] == 0
    assert state(world) == "done"


async def test_a_refund_in_the_dashboard_is_heard_by_its_payment() -> None:
    world = World()
    await lost(world)
    told = world.refunds.refund_outside(INTENT)

    assert await world.tell(told, CREATED) is EventOutcome.APPLIED

    assert state(world) == "done"
    assert not world.alerts.sent


async def test_a_charge_that_was_refunded_has_its_refunds_listed() -> None:
    world = World()
    await lost(world)
    world.refunds.refund_outside(INTENT)
    kind = EventKind.CHARGE_REFUNDED

    assert await world.tell(world.charge(INTENT), kind) is EventOutcome.APPLIED
    assert state(world) == "done"

    world.gate.forget()
    await world.tell(world.charge(INTENT), kind)
    assert world.gate.calls["payments.refunds_of"] == 0


async def test_what_the_bank_holds_is_looked_at_until_it_arrives() -> None:
    world = World()
    await lost(world)
    world.refunds.begin_as = RefundStatus.PENDING
    await drive(world)
    held = state(world)
    (report,) = world.refunds.refunds.values()
    world.refunds.settle(report.id, RefundStatus.SUCCEEDED)

    await drive(world)

    assert (held, state(world)) == ("sent", "done")
    assert world.refunds.created.total() == 1


async def test_a_refund_that_failed_is_tried_again_under_another_key() -> None:
    world = World()
    await lost(world)
    await drive(world)
    (report,) = world.refunds.refunds.values()
    failed = world.refunds.settle(report.id, RefundStatus.FAILED)

    await world.tell(failed, EventKind.REFUND_FAILED)
    told, owed = world.alerts.codes, state(world)
    await drive(world)

    assert (told, owed) == (["extra_refund_failed"], "due")
    assert set(world.refunds.keys) == {"rf:cs_lost:0", "rf:cs_lost:1"}
    assert state(world) == "done"


async def test_after_the_last_try_a_human_is_told_for_good() -> None:
    world = World()
    await lost(world)
    world.refunds.charged_back.add(INTENT)

    for _ in range(EXTRA_TRIES_MAX + 1):
        await drive(world)

    assert state(world) == "failed"
    assert world.alerts.codes[-1] == "extra_refund_given_up"
    assert world.alerts.codes.count("extra_refund_given_up") == 1
    assert await drive(world) == 0


async def test_nothing_is_sent_while_a_bank_asks_and_again_once_it_is_won() -> None:
    world = World()
    await lost(world)
    disputed = world.refunds.dispute(INTENT)
    await world.tell(disputed, EventKind.DISPUTE_CREATED)

    await drive(world)
    assert (state(world), world.refunds.created.total()) == ("disputed", 0)
    assert world.alerts.codes == ["payment_disputed"]

    won = world.refunds.move_dispute(disputed.dispute.id, DisputeState.WON)
    await world.tell(won, EventKind.DISPUTE_CLOSED)
    await drive(world)
    assert state(world) == "done"


async def test_without_any_mark_of_a_purchase_it_goes_back_and_is_heard_of() -> None:
    world = World()
    await lost(world, purchase_id=None)
    world.refunds.begin_as = RefundStatus.PENDING
    await drive(world)
    (report,) = world.refunds.refunds.values()
    assert report.purchase_id is None

    done = world.refunds.settle(report.id, RefundStatus.SUCCEEDED)

    assert await world.tell(done, UPDATED) is EventOutcome.APPLIED
    assert state(world) == "done"


async def test_what_came_by_no_payment_that_can_be_refunded_is_a_humans() -> None:
    world = World()
    paid = a_paid_session(purchase_id=GONE, payment_intent=None)
    await world.tell(world.payments.plant(paid))

    assert await drive(world) == 0
    assert state(world) == "failed"
    assert "by hand" in world.alerts.sent[0].next_step
    assert await world.orphans.open_orphans(limit=9) == [orphan(world)]


async def test_a_provider_that_is_silent_leaves_it_as_it_is() -> None:
    world = World()
    await lost(world)
    world.payments.lose_request("refunds_of")

    assert await drive(world) == 1
    assert state(world) == "due"
    await drive(world)

    assert state(world) == "done"
    assert not world.alerts.sent


async def test_one_poison_row_stops_no_other_and_is_told_once() -> None:
    world = World()
    await lost(world)
    await lost(world, id=SessionId("cs_2"), payment_intent="pi_2")
    for _ in range(2):
        world.gate.fail_once("before orphans.swap", ValueError("poison"))

    await drive(world)
    states = {name: row.money.state for name, row in world.orphans.stored.items()}
    assert states == {"pi_2": ExtraPaymentState.DUE, INTENT: ExtraPaymentState.DUE}
    assert world.alerts.codes == ["orphan_stuck"] * 2

    await drive(world)
    assert all(
        row.money.state is ExtraPaymentState.DONE
        for row in world.orphans.stored.values()
    )


async def test_a_refund_of_a_purchase_is_none_of_an_orphans() -> None:
    world = World()
    await lost(world)
    bought = await world.bought()
    await world.tell(world.refunds.refund_outside(intent_of(bought)), CREATED)

    assert world.row(bought).status is Status.REFUNDED
    assert state(world) == "due"
