"""Protocol 3.2, VERIFY: the success page is right without a webhook."""

from dataclasses import replace
from datetime import timedelta

import pytest

from application.ports.payment_events import EventKind
from application.ports.purchases import PurchaseNotFound
from domain.checkout import SessionStatus
from domain.ids import SessionId
from domain.purchase import ClosedReason, Purchase, Status
from domain.settlement import LivemodeMismatch
from tests.application.world import World, session_of
from tests.examples import ADA, GRACE, a_purchase


async def verify(world: World, purchase: Purchase) -> Purchase:
    return await world.service.verify_session()(ADA.id, session_of(purchase))


async def test_a_paid_session_completes_without_a_webhook() -> None:
    world = World()
    answer = await world.check_out(as_class_rep=True)
    world.payments.pay(session_of(answer.purchase))

    verified = await verify(world, answer.purchase)

    assert verified == world.row(answer.purchase)
    assert verified.status is Status.COMPLETED
    assert world.held() == {verified.id}
    assert world.bell.rung == 1


async def test_an_expired_session_closes_without_a_webhook() -> None:
    world = World()
    answer = await world.check_out(as_class_rep=True)
    world.payments.expire_by_time(session_of(answer.purchase))

    verified = await verify(world, answer.purchase)

    assert verified == world.row(answer.purchase)
    assert verified.closed_reason is ClosedReason.EXPIRED
    assert not world.held()


async def test_an_open_session_is_left_as_it_is() -> None:
    world = World()
    answer = await world.check_out()

    assert await verify(world, answer.purchase) == answer.purchase


async def test_money_on_its_way_shows_as_processing() -> None:
    world = World()
    answer = await world.check_out()
    world.payments.pay_later(session_of(answer.purchase))

    verified = await verify(world, answer.purchase)

    assert verified == world.row(answer.purchase)
    assert (verified.is_processing, verified.pay_url) == (True, None)


async def test_a_delayed_payment_that_failed_closes() -> None:
    world = World()
    answer = await world.check_out()
    world.payments.pay_later(session_of(answer.purchase))
    world.payments.fail_delayed(session_of(answer.purchase))

    assert (await verify(world, answer.purchase)).closed_reason is ClosedReason.FAILED


async def test_a_complete_session_without_an_intent_is_waited_for() -> None:
    world = World()
    answer = await world.check_out()
    promised = world.payments.pay_later(session_of(answer.purchase))
    world.payments.plant(replace(promised, payment_intent=None))

    assert (await verify(world, answer.purchase)).is_processing


async def test_the_provider_is_asked_once_in_three_seconds() -> None:
    world = World()
    answer = await world.check_out()
    asked = []
    for seconds in (0, 2, 0.9, 0.1, 2.999, 0.001):
        world.advance(timedelta(seconds=seconds))
        await verify(world, answer.purchase)
        asked.append(world.payments.calls["get_session"])

    assert asked == [1, 1, 1, 2, 2, 3]


async def test_a_purchase_that_is_decided_is_not_asked_about() -> None:
    world = World()
    bought = await world.bought()

    assert await verify(world, bought) == bought
    assert world.payments.calls["get_session"] == 0


async def test_a_closing_purchase_is_looked_up_too() -> None:
    world = World()
    answer = await world.check_out(as_class_rep=True)
    world.payments.lose_answer("expire_session")
    await world.cancel(answer.purchase)

    assert (await verify(world, answer.purchase)).closed_reason is (
        ClosedReason.CANCELLED
    )
    assert not world.held()


@pytest.mark.parametrize("call", ["get_session", "intent_state"])
async def test_a_silent_provider_leaves_what_we_know(call: str) -> None:
    world = World()
    answer = await world.check_out()
    world.payments.pay_later(session_of(answer.purchase))
    world.payments.lose_request(call)

    assert await verify(world, answer.purchase) == answer.purchase


async def test_what_a_webhook_decided_meanwhile_is_what_is_shown() -> None:
    world = World()
    answer = await world.check_out(as_class_rep=True)
    ended = world.payments.expire_by_time(session_of(answer.purchase))

    async def hear_of_it() -> None:
        await world.tell(ended, EventKind.ASYNC_PAYMENT_FAILED)

    world.gate.once("before purchases.change", hear_of_it)

    verified = await verify(world, answer.purchase)

    assert verified == world.row(answer.purchase)
    assert verified.closed_reason is ClosedReason.FAILED
    assert not world.held()


async def test_a_purchase_without_a_session_is_not_asked_about() -> None:
    world = World()
    reserved = a_purchase()

    assert await world.service.look_up()(reserved, by="reconcile") == reserved
    assert not world.gate.calls


async def test_nothing_follows_from_the_end_of_a_foreign_session() -> None:
    world = World()
    answer = await world.check_out(as_class_rep=True)
    foreign = replace(
        world.session(answer.purchase),
        id=SessionId("cs_foreign"),
        status=SessionStatus.EXPIRED,
    )

    same = await world.service.conclude()(answer.purchase, foreign, by="a search")

    assert same == world.row(answer.purchase) == answer.purchase
    assert world.held() == {same.id}


async def test_a_session_of_the_other_mode_concludes_nothing() -> None:
    world = World()
    answer = await world.check_out()
    paid = world.payments.pay(session_of(answer.purchase))
    world.payments.plant(replace(paid, livemode=True))

    with pytest.raises(LivemodeMismatch):
        await verify(world, answer.purchase)

    assert world.row(answer.purchase) == answer.purchase


async def test_another_buyers_session_looks_like_none() -> None:
    world = World()
    graces = await world.check_out(GRACE)

    for session_id in (session_of(graces.purchase), SessionId("cs_unknown")):
        with pytest.raises(PurchaseNotFound):
            await world.service.verify_session()(ADA.id, session_id)

    assert world.payments.calls["get_session"] == 0
