"""Protocol 3.2, RECONCILE, Stripe -> us: money that no purchase would ask about."""

from dataclasses import replace
from datetime import timedelta

import pytest

from application.ports.payments import PaymentGatewayUnavailable
from domain.checkout import CheckoutSession, SessionStatus
from domain.ids import PurchaseId, SessionId
from domain.purchase import Status
from domain.refunds import ExtraReason
from entrypoints.simulation.outside.clock import NOON
from tests.application.world import World, session_of
from tests.examples import a_paid_session, a_session

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
    world.payments.plant(a_session(id=SessionId("cs_open"), purchase_id=LOST))
    world.payments.plant(a_session(id=SessionId("cs_bare"), purchase_id=None))

    assert await listen(world) == 2

    assert world.orphans.stored == {}
    assert world.payments.sessions[SessionId("cs_open")].status is SessionStatus.OPEN


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
    paid = world.payments.pay(session_of(answer.purchase))
    world.payments.plant(replace(paid, livemode=True))

    await listen(world)
    await listen(world, after=timedelta(hours=2))

    assert list(world.orphans.stored) == ["pi_cs_lost"]
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

    assert await world.turns.mark("listen back") is not None
    left = world.payments.sessions[SessionId("cs_left")]
    assert left.status is SessionStatus.EXPIRED
