"""Protocol 3.2, CANCEL and CLOSE: the provider agrees first."""

import pytest

from application.ports.payment_events import EventKind
from application.ports.purchases import PurchaseNotFound
from application.ports.storage import StorageUnavailable
from domain.purchase import CannotCancel, ClosedReason, Status
from entrypoints.simulation.outside.randomness import SeededRandomness
from tests.application.world import World, session_of
from tests.examples import GRACE, HOLD, a_program, a_purchase, usd
from tests.fakes.turnstile import Crash

FIRST = SeededRandomness().purchase_id()


async def test_a_cancel_expires_the_session_and_then_frees_the_spot() -> None:
    world = World()
    answer = await world.check_out(as_class_rep=True)
    world.gate.forget()

    closed = await world.cancel(answer.purchase)

    assert closed == world.row(closed)
    assert world.is_cancelled(closed)
    moments = world.gate.moments
    freed = moments.index("before programs.release_spot")
    assert moments.index("after payments.expire_session") < freed
    last_write = len(moments) - moments[::-1].index("after purchases.change") - 1
    assert last_write < freed


async def test_a_cancel_twice_is_answered_twice_alike() -> None:
    world = World()
    answer = await world.check_out(as_class_rep=True)

    first = await world.cancel(answer.purchase)
    second = await world.cancel(answer.purchase)

    assert first == second
    assert world.payments.calls["expire_session"] == 1
    assert world.history(first).count(Status.CLOSED) == 1


async def test_a_completed_purchase_is_not_cancelled() -> None:
    world = World()
    bought = await world.bought(as_class_rep=True)

    with pytest.raises(CannotCancel):
        await world.cancel(bought)

    assert world.row(bought) == bought
    assert world.held() == {bought.id}


async def test_another_buyers_purchase_looks_like_none() -> None:
    world = World()
    answer = await world.check_out()

    with pytest.raises(PurchaseNotFound):
        await world.service.cancel_purchase()(GRACE.id, answer.purchase.id)

    assert world.row(answer.purchase) == answer.purchase


async def test_what_the_provider_never_heard_of_is_closed_without_it() -> None:
    world = World()

    async def die() -> None:
        raise Crash

    world.gate.once("after programs.reserve_spot", die)
    with pytest.raises(Crash):
        await world.check_out(as_class_rep=True)
    world.gate.forget()

    closed = await world.cancel(world.store.get(FIRST))

    assert world.is_cancelled(closed)
    assert not any("payments" in call for call in world.gate.calls)


async def test_a_free_purchase_is_closed_without_the_provider() -> None:
    world = World()
    world.offer(a_program(class_rep_discount=usd(10_000)))

    async def die() -> None:
        raise Crash

    world.gate.once("after purchases.change", die)
    with pytest.raises(Crash):
        await world.check_out(as_class_rep=True)
    assert world.store.get(FIRST).status is Status.RESERVED

    closed = await world.cancel(world.store.get(FIRST))

    assert world.is_cancelled(closed)
    assert Status.CLOSING not in world.history(closed)
    assert not any("payments" in call for call in world.gate.calls)


async def test_a_free_purchase_that_is_closing_is_closed_without_the_provider() -> None:
    world = World()
    free = a_purchase(
        Status.CLOSING,
        is_free=True,
        as_class_rep=True,
        closing_reason=ClosedReason.CANCELLED,
    )
    world.store.rows[free.id] = free
    world.programs.holders[free.program.id] = frozenset({free.id})

    await world.cancel(free)

    assert world.is_cancelled(free)
    assert not any("payments" in call for call in world.gate.calls)


async def test_a_cancel_overtaken_by_the_reservation_asks_the_provider() -> None:
    world = World()

    async def cancel_as_it_was_read() -> None:
        creating = world.store.get(FIRST)
        world.gate.once("before purchases.change", carry_on)
        await world.service.close()(creating, reason=ClosedReason.CANCELLED, by="ada")

    async def carry_on() -> None:
        await world.service.forward()(world.store.get(FIRST), limit=10, by="other")

    async def die() -> None:
        await cancel_as_it_was_read()
        raise Crash

    world.gate.once("after programs.reserve_spot", die)
    with pytest.raises(Crash):
        await world.check_out(as_class_rep=True)

    assert world.is_cancelled(world.store.get(FIRST))
    assert world.sessions_created == 1


# --- A provider that does not answer ---


@pytest.mark.parametrize("lost", ["lose_request", "lose_answer"])
async def test_while_the_provider_is_silent_the_purchase_is_closing(lost: str) -> None:
    world = World()
    answer = await world.check_out(as_class_rep=True)
    getattr(world.payments, lost)("expire_session")

    closing = await world.cancel(answer.purchase)

    assert closing == world.row(closing)
    assert (closing.status, closing.pay_url) == (Status.CLOSING, None)
    assert world.held() == {closing.id}
    await world.cancel(closing)
    assert world.is_cancelled(closing)


async def test_silence_about_a_session_that_is_not_open_leaves_it_closing() -> None:
    world = World()
    answer = await world.check_out(as_class_rep=True)
    world.payments.expire_by_time(session_of(answer.purchase))
    world.payments.lose_request("get_session")

    assert (await world.cancel(answer.purchase)).status is Status.CLOSING
    assert world.held() == {answer.purchase.id}
    await world.cancel(answer.purchase)
    assert world.is_cancelled(answer.purchase)


async def test_money_on_its_way_keeps_the_purchase_closing_until_it_is_decided() -> (
    None
):
    world = World()
    answer = await world.check_out(as_class_rep=True)
    world.payments.pay_later(session_of(answer.purchase))

    waiting = await world.cancel(answer.purchase)

    assert (waiting.status, waiting.is_processing) == (Status.CLOSING, True)
    assert world.held() == {waiting.id}
    arrived = world.payments.clear_delayed(session_of(waiting))
    await world.tell(arrived, EventKind.ASYNC_PAYMENT_SUCCEEDED)
    assert world.row(waiting).status is Status.COMPLETED


async def test_money_that_never_arrives_lets_it_close() -> None:
    world = World()
    answer = await world.check_out(as_class_rep=True)
    world.payments.pay_later(session_of(answer.purchase))
    world.payments.fail_delayed(session_of(answer.purchase))

    await world.cancel(answer.purchase)

    assert world.is_cancelled(answer.purchase)


async def test_money_that_arrives_between_two_questions_is_not_over() -> None:
    world = World()
    answer = await world.check_out(as_class_rep=True)
    world.payments.pay_later(session_of(answer.purchase))

    async def arrive() -> None:
        world.payments.clear_delayed(session_of(answer.purchase))

    world.gate.once("after payments.get_session", arrive)

    waiting = await world.cancel(answer.purchase)

    assert waiting.status is Status.CLOSING
    with pytest.raises(CannotCancel):
        await world.cancel(waiting)
    assert world.row(waiting).extra_payments == ()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    "call", ["purchases.get", "purchases.change", "programs.release_spot"]
)
async def test_a_cancel_cut_off_by_the_storage_can_be_repeated(
    when: str, call: str
) -> None:
    world = World()
    answer = await world.check_out(as_class_rep=True)
    world.gate.fail_once(f"{when} {call}", StorageUnavailable())

    with pytest.raises(StorageUnavailable):
        await world.cancel(answer.purchase)
    await world.cancel(answer.purchase)

    assert world.is_cancelled(answer.purchase)


@pytest.mark.parametrize("point", range(10))
async def test_a_cancel_that_dies_anywhere_can_be_repeated(point: int) -> None:
    world = World()
    answer = await world.check_out(as_class_rep=True)
    world.gate.forget()
    world.gate.crash_at(point)
    with pytest.raises(Crash):
        await world.cancel(answer.purchase)
    world.gate.crash_at(None)

    await world.cancel(answer.purchase)

    assert world.is_cancelled(answer.purchase)


# --- Cancel against pay ---


async def test_paid_before_the_provider_heard_of_the_cancel_is_completed() -> None:
    world = World()
    answer = await world.check_out(as_class_rep=True)

    async def pay() -> None:
        world.payments.pay(session_of(answer.purchase))

    world.gate.once("before payments.expire_session", pay)

    with pytest.raises(CannotCancel):
        await world.cancel(answer.purchase)

    row = world.row(answer.purchase)
    assert (row.status, row.extra_payments) == (Status.COMPLETED, ())
    assert world.held() == {row.id}


async def test_a_webhook_that_overtakes_the_cancel_completes() -> None:
    world = World()
    answer = await world.check_out(as_class_rep=True)

    async def pay_and_tell() -> None:
        await world.tell(world.payments.pay(session_of(answer.purchase)))

    world.gate.once("before payments.expire_session", pay_and_tell)

    with pytest.raises(CannotCancel):
        await world.cancel(answer.purchase)

    assert world.row(answer.purchase).status is Status.COMPLETED


async def test_after_a_cancel_nobody_can_pay() -> None:
    world = World()
    answer = await world.check_out()
    await world.cancel(answer.purchase)

    assert world.session(answer.purchase).url is None


async def test_a_session_that_ended_by_itself_closes_like_one_that_was_ended() -> None:
    world = World()
    answer = await world.check_out(as_class_rep=True)
    world.advance(HOLD)

    await world.cancel(answer.purchase)

    assert world.is_cancelled(answer.purchase)
