"""Protocol 3.2, RECONCILE, Stripe -> us: what no purchase would ask about."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from application.ports.payments import PaymentGatewayUnavailable
from domain.checkout import CheckoutSession, SessionStatus
from domain.disputes import DisputeState
from domain.ids import PurchaseId, SessionId
from domain.purchase import Status
from domain.refunding import RefundStatus
from domain.refunds import ExtraReason
from entrypoints.simulation.outside.clock import NOON
from entrypoints.simulation.outside.history import FakePaymentHistory
from entrypoints.simulation.outside.payments import FakePaymentGateway
from tests.application.world import World, intent_of, session_of
from tests.examples import ADA, GRACE, a_paid_session, a_refund_report, a_session

LISTS = ("session", "refund", "dispute", "event")
QUARTER = timedelta(minutes=15)
LOST = PurchaseId("nobody's")


async def listen(world: World, *, after: timedelta = QUARTER) -> int:
    world.advance(after)
    return await world.service.listen_back()()


def plant(world: World, name: str, **facts: object) -> CheckoutSession:
    """Let a paid session exist of which nobody told us."""
    paid = a_paid_session(
        id=SessionId(name), payment_intent=f"pi_{name}", purchase_id=LOST
    )
    return world.payments.plant(replace(paid, **facts))  # type: ignore[arg-type]


async def test_a_payment_of_an_unknown_purchase_is_recorded_and_told_once() -> None:
    world = World()
    plant(world, "cs_lost")

    assert [await listen(world), await listen(world)] == [1, 1]

    assert list(world.orphans.stored) == ["pi_cs_lost"]
    assert world.alerts.codes == ["orphan_payment"]


async def test_a_payment_nobody_told_of_completes_its_purchase() -> None:
    world = World()
    answer = await world.check_out(as_class_rep=True)
    world.payments.pay(session_of(answer.purchase))

    await listen(world)

    assert world.row(answer.purchase).status is Status.COMPLETED


async def test_late_money_is_recorded_to_be_given_back() -> None:
    world = World()
    answer = await world.check_out()
    await world.cancel(answer.purchase)
    plant(world, session_of(answer.purchase), purchase_id=answer.purchase.id)

    await listen(world)
    await listen(world)

    (extra,) = world.row(answer.purchase).extra_payments
    assert extra.reason is ExtraReason.LATE
    assert world.row(answer.purchase).status is Status.CLOSED


async def test_a_page_left_open_after_the_end_is_closed() -> None:
    world = World()
    answer = await world.check_out()
    await world.cancel(answer.purchase)
    left = a_session(id=SessionId("cs_left"), purchase_id=answer.purchase.id)
    world.payments.plant(left)

    await listen(world)

    assert world.payments.sessions[left.id].status is SessionStatus.EXPIRED
    assert world.row(answer.purchase).extra_payments == ()


async def test_a_page_that_is_paid_meanwhile_is_money_to_give_back() -> None:
    world = World()
    answer = await world.check_out()
    await world.cancel(answer.purchase)
    left = a_session(id=SessionId("cs_left"), purchase_id=answer.purchase.id)
    world.payments.plant(left)

    async def pay() -> None:
        world.payments.pay(left.id)

    world.gate.once("before payments.expire_session", pay)
    await listen(world)

    (extra,) = world.row(answer.purchase).extra_payments
    assert extra.session_id == left.id


async def test_what_is_not_ours_or_not_paid_is_left_alone() -> None:
    world = World()
    plant(world, "cs_app", app="another")
    plant(world, "cs_place", environment="production")
    live = plant(world, "cs_live", livemode=True)
    told = world.event(live, livemode=True)
    world.payments.events[told.id] = told
    world.payments.plant(a_session(id=SessionId("cs_open"), purchase_id=LOST))
    world.payments.plant(a_session(id=SessionId("cs_bare"), purchase_id=None))
    foreign = plant(world, "cs_foreign", app="another")
    world.refunds.refund_outside(foreign.payment_intent or "")
    world.refunds.refunds["re_marked"] = a_refund_report(id="re_marked", app="another")
    world.refunds.dispute(foreign.payment_intent or "")

    await listen(world)

    assert world.orphans.stored == {}
    assert world.payments.sessions[SessionId("cs_open")].status is SessionStatus.OPEN
    assert not world.alerts.sent


async def test_it_begins_a_little_before_where_it_ended() -> None:
    world = World()
    plant(world, "cs_long_ago", created_at=NOON - timedelta(days=29))
    plant(world, "cs_too_long_ago", created_at=NOON - timedelta(days=31))

    assert [await listen(world), await listen(world)] == [1, 0]

    plant(world, "cs_now", created_at=world.clock.now() - timedelta(minutes=59))
    assert await listen(world) == 1


async def test_one_instance_listens_at_a_time() -> None:
    world = World()
    plant(world, "cs_lost")
    world.advance(QUARTER)

    heard = [await world.instance(worker=w).listen_back()() for w in ("one", "two")]

    assert heard == [1, 0]


async def test_one_poison_session_stops_no_other_and_is_heard_again() -> None:
    world = World()
    plant(world, "cs_lost")
    answer = await world.check_out()
    world.payments.pay(session_of(answer.purchase))
    for _ in range(2):
        world.gate.fail_once("before purchases.get", ValueError("poison"))
        await listen(world, after=timedelta(hours=2))
    assert list(world.orphans.stored) == ["pi_cs_lost"]
    assert world.row(answer.purchase).status is Status.PENDING

    await listen(world, after=timedelta(hours=2))
    assert world.row(answer.purchase).status is Status.COMPLETED
    poison = "session_not_followed"
    assert world.alerts.codes == [poison, "orphan_payment", poison]


@pytest.mark.parametrize("call", ["sessions_since", "expire_session"])
async def test_a_provider_that_falls_silent_is_heard_from_the_same_place(
    call: str,
) -> None:
    world = World()
    answer = await world.check_out()
    await world.cancel(answer.purchase)
    world.payments.plant(
        a_session(id=SessionId("cs_left"), purchase_id=answer.purchase.id)
    )
    world.payments.lose_request(call)

    with pytest.raises(PaymentGatewayUnavailable):
        await listen(world)
    await listen(world)

    assert await world.turns.mark("listen back: session") is not None
    left = world.payments.sessions[SessionId("cs_left")]
    assert left.status is SessionStatus.EXPIRED


# --- Refunds, disputes, and what happened to older things ----------------------------


async def test_a_refund_in_the_dashboard_is_found_without_a_webhook() -> None:
    world = World()
    bought = await world.bought(as_class_rep=True)
    world.refunds.refund_outside(intent_of(bought))

    await listen(world)

    assert world.row(bought).status is Status.REFUNDED
    assert world.held() == frozenset()


async def test_a_refund_that_came_back_long_after_is_owed_again() -> None:
    world = World()
    bought = await world.bought()
    await world.ask_refund(bought)
    await listen(world)
    world.advance(timedelta(days=3))
    (refund,) = world.refunds.refunds.values()
    world.refunds.settle(refund.id, RefundStatus.FAILED)

    await listen(world)

    assert world.rows_of(bought) == ["failed", "due"]
    assert world.alerts.codes == ["refund_failed_after_success", "webhooks_silent"]


async def test_a_bank_that_took_the_money_is_heard_without_a_webhook() -> None:
    world = World()
    bought = await world.bought()
    report = world.refunds.dispute(intent_of(bought))
    await listen(world)
    flagged = world.row(bought)

    world.advance(timedelta(days=20))
    world.refunds.move_dispute(report.dispute.id, DisputeState.LOST)
    await listen(world)

    assert (flagged.status, flagged.forbids_refunds) == (Status.COMPLETED, True)
    assert world.row(bought).status is Status.REFUNDED
    assert world.alerts.codes == ["payment_disputed"] * 2 + ["webhooks_silent"]


async def test_money_of_an_unknown_purchase_that_came_days_later_is_recorded() -> None:
    world = World()
    page = world.payments.plant(a_session(id=SessionId("cs_slow"), purchase_id=LOST))
    world.payments.pay_later(page.id)
    await listen(world)
    world.advance(timedelta(days=5))
    world.payments.clear_delayed(page.id)

    await listen(world)

    assert list(world.orphans.stored) == ["pi_cs_slow"]


async def test_each_list_has_its_own_watermark() -> None:
    world = World()
    bought = await world.bought()
    world.refunds.refund_outside(intent_of(bought))
    world.payments.lose_request("refunds_since")

    with pytest.raises(PaymentGatewayUnavailable):
        await listen(world)
    marks = {name: await world.turns.mark(f"listen back: {name}") for name in LISTS}
    await listen(world, after=timedelta(hours=5))

    assert {name for name, mark in marks.items() if mark} == {"session"}
    assert world.row(bought).status is Status.REFUNDED


async def test_one_poison_refund_stops_no_other() -> None:
    world = World()
    ada, grace = await world.bought(), await world.bought(GRACE)
    for bought in (ada, grace):
        world.refunds.refund_outside(intent_of(bought))
    world.gate.fail_once("before purchases.swap_money", ValueError("poison"))

    await listen(world)
    after_one = [world.row(bought).status for bought in (ada, grace)]
    await listen(world, after=timedelta(hours=5))

    assert after_one == [Status.REFUNDED, Status.COMPLETED]  # the latest comes first
    assert world.row(grace).status is Status.REFUNDED
    assert world.alerts.codes == ["refund_not_followed"]


async def test_a_poison_event_is_told_and_heard_again() -> None:
    world = World()
    bought = await world.bought()
    report = world.refunds.dispute(intent_of(bought))
    await listen(world)
    world.advance(timedelta(days=20))
    world.refunds.move_dispute(report.dispute.id, DisputeState.LOST)
    world.gate.fail_once("before purchases.swap_money", ValueError("poison"))

    await listen(world)
    still = world.row(bought).status
    await listen(world, after=timedelta(hours=5))

    assert still is Status.COMPLETED
    assert world.row(bought).status is Status.REFUNDED


async def test_what_is_known_costs_one_read_for_each_thing_listed() -> None:
    world = World()
    bought = [await world.bought(buyer) for buyer in (ADA, GRACE)]
    world.refunds.refund_outside(intent_of(bought[0]))
    world.refunds.dispute(intent_of(bought[1]))
    await listen(world)
    world.gate.forget()

    await listen(world)

    calls = world.gate.calls
    of_purchases = {name: n for name, n in calls.items() if "purchases" in name}
    assert of_purchases == {"purchases.get": 2, "purchases.find_by_payment_intent": 2}
    assert calls["payments.owner_of"] == calls["programs.release_spot"] == 0
    # The purchases; the lists; a turn and its marks; since when silence counts.
    assert calls.total() == 4 + 4 + 9 + 1


async def test_an_event_is_heard_only_where_no_list_shows_its_object() -> None:
    world = World()
    bought = await world.bought()
    world.refunds.refund_outside(intent_of(bought))
    world.refunds.dispute(intent_of(bought))

    assert await listen(world) == 3  # and not the four events about them

    await listen(world, after=timedelta(hours=5))
    world.refunds.move_dispute("dp_1", DisputeState.WON)
    assert await listen(world) == 1


async def test_a_clock_of_ours_that_is_ahead_leaves_no_gap() -> None:
    world = World()
    ahead = AheadUntilAnswered(world.clock)
    listen_back = replace(
        world.service.listen_back(),
        payments=ahead,
        history=FakePaymentHistory(payments=ahead, refunds=world.refunds),
    )

    await listen_back()

    assert await world.turns.mark("listen back: session") == NOON


class AheadUntilAnswered(FakePaymentGateway):
    """Tells our own time, two days too late, until the provider has answered."""

    def now(self) -> datetime:
        is_known = self.calls.total() > 0
        return super().now() + (timedelta() if is_known else timedelta(days=2))


async def test_what_nobody_knows_is_held_though_no_webhook_told() -> None:
    world = World()
    bought = await world.bought()
    intent = intent_of(bought)
    session = world.session(bought)
    long_ago = replace(session, created_at=NOON - timedelta(days=31))
    world.payments.sessions[session.id] = long_ago  # so that it is not listed first
    del world.store.rows[bought.id]
    world.refunds.refund_outside(intent, 1_000)
    world.refunds.dispute(intent)
    world.alerts.sent.clear()

    await listen(world)
    await listen(world)

    kinds = [row.event.kind for row in world.event_log.rows.values()]
    assert sorted(kinds) == [
        "charge.dispute.created",
        "charge.refunded",
        "refund.created",
    ]
    assert world.alerts.codes.count("event_quarantined") == 3
