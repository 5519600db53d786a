"""Asked again: with the same choice, with another one, and for what has ended."""

from datetime import timedelta

import pytest

from application.ports.payment_events import EventKind
from application.start_checkout import CheckoutUnresolved
from domain.class_rep import SpotsExhausted
from domain.purchase import AlreadyPurchased, ClosedReason, Purchase, Status
from domain.quote import BelowMinimumCharge
from domain.transitions import BeginClosing
from entrypoints.simulation.outside.clock import NOON, ManualClock
from tests.application.world import World, session_of
from tests.examples import ADA, GRACE, HOLD, a_program, usd
from tests.fakes.locks import NoLock
from tests.fakes.turnstile import Crash


async def left_at(world: World, moment: str, *, as_class_rep: bool) -> Purchase:
    """Let the process die at a moment of a checkout; return what it left."""

    async def die() -> None:
        raise Crash(moment)

    world.gate.once(moment, die)
    with pytest.raises(Crash):
        await world.check_out(as_class_rep=as_class_rep)
    (purchase,) = world.rows
    return purchase


# --- The same choice ------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "status"),
    [
        ("before programs.reserve_spot", Status.CREATING),
        ("after programs.reserve_spot", Status.CREATING),
        ("before payments.create_session", Status.RESERVED),
        ("after payments.create_session", Status.RESERVED),
    ],
)
async def test_the_same_choice_carries_on_from_any_phase(
    moment: str, status: Status
) -> None:
    world = World()
    left = await left_at(world, moment, as_class_rep=True)
    assert left.status is status

    answer = await world.check_out(as_class_rep=True)

    assert answer.existing
    assert answer.purchase.id == left.id
    assert answer.purchase.pay_url is not None
    assert world.sessions_created == 1
    assert world.held() == {left.id}


async def test_the_same_choice_gets_the_same_page() -> None:
    world = World()
    first = await world.check_out(as_class_rep=True)

    second = await world.check_out(as_class_rep=True)

    assert second.existing
    assert second.purchase == first.purchase
    assert (world.sessions_created, len(world.rows)) == (1, 1)


async def test_the_same_choice_keeps_its_old_quote() -> None:
    world = World()
    first = await world.check_out()
    world.offer(a_program(full_price=usd(50_000), revision=2))

    second = await world.check_out()

    assert second.purchase.quote == first.purchase.quote


@pytest.mark.parametrize("as_class_rep", [False, True])
async def test_what_was_closing_is_closed_first_and_then_begun_anew(
    *, as_class_rep: bool
) -> None:
    world = World()
    first = await world.check_out(as_class_rep=True)
    closing = BeginClosing(reason=ClosedReason.CANCELLED)
    await world.purchases.change(first.purchase.id, closing, at=NOON, by="ada")

    second = await world.check_out(as_class_rep=as_class_rep)

    assert not second.existing
    assert world.row(first.purchase).closed_reason is ClosedReason.CANCELLED
    assert world.session(first.purchase).url is None
    assert world.live == [second.purchase]
    assert world.held() == ({second.purchase.id} if as_class_rep else set())


async def test_what_was_closing_and_turns_out_paid_is_not_sold_again() -> None:
    world = World()
    first = await world.check_out()
    closing = BeginClosing(reason=ClosedReason.CANCELLED)
    await world.purchases.change(first.purchase.id, closing, at=NOON, by="ada")
    world.payments.pay(session_of(first.purchase))

    with pytest.raises(AlreadyPurchased):
        await world.check_out()

    assert world.row(first.purchase).status is Status.COMPLETED
    assert world.sessions_created == 1


async def test_a_page_past_its_end_is_looked_up_before_a_new_one_is_made() -> None:
    world = World()
    first = await world.check_out(as_class_rep=True)
    world.advance(HOLD)

    second = await world.check_out(as_class_rep=True)

    assert not second.existing
    assert world.row(first.purchase).closed_reason is ClosedReason.EXPIRED
    assert world.live == [second.purchase]
    assert world.held() == {second.purchase.id}
    assert world.payments.calls["get_session"] == 1


async def test_a_page_past_its_end_that_was_paid_completes_its_purchase() -> None:
    world = World()
    first = await world.check_out()
    world.payments.pay(session_of(first.purchase))
    world.advance(HOLD)

    with pytest.raises(AlreadyPurchased):
        await world.check_out()

    assert world.row(first.purchase).status is Status.COMPLETED


async def test_a_page_that_nobody_saved_is_not_shown_after_its_end() -> None:
    """The key repeats the answer of long ago, in which the session was open."""
    world = World()
    left = await left_at(world, "after payments.create_session", as_class_rep=True)
    world.advance(HOLD)

    answer = await world.check_out(as_class_rep=True)

    assert not answer.existing
    assert world.row(left).closed_reason is ClosedReason.EXPIRED
    assert answer.purchase.pay_url == world.session(answer.purchase).url is not None
    assert world.held() == {answer.purchase.id}


async def test_before_its_end_nobody_asks_about_a_page() -> None:
    world = World()
    await world.check_out()
    world.advance(HOLD - timedelta(seconds=1))

    assert (await world.check_out()).existing
    assert world.payments.calls["get_session"] == 0


async def test_our_clock_does_not_decide_that_a_page_is_over() -> None:
    theirs = ManualClock()
    world = World(provider_clock=theirs)
    first = await world.check_out()
    world.advance(timedelta(hours=48))

    second = await world.check_out()

    assert second.existing
    assert second.purchase == world.row(first.purchase)
    assert second.purchase.pay_url is not None
    assert world.payments.calls["get_session"] == 0


async def test_a_silent_provider_leaves_a_page_past_its_end_as_it_is() -> None:
    world = World()
    first = await world.check_out()
    world.advance(HOLD)
    world.payments.lose_request("get_session")

    with pytest.raises(CheckoutUnresolved) as refusal:
        await world.check_out()

    assert refusal.value.purchase_id == first.purchase.id
    assert world.row(first.purchase).status is Status.PENDING


# --- Another choice -------------------------------------------------------------


@pytest.mark.parametrize("as_class_rep", [False, True])
async def test_another_choice_closes_the_open_page_at_the_provider_first(
    *, as_class_rep: bool
) -> None:
    world = World()
    first = await world.check_out(as_class_rep=not as_class_rep)
    world.gate.forget()

    second = await world.check_out(as_class_rep=as_class_rep)

    old = world.row(first.purchase)
    assert (old.status, old.closed_reason) == (Status.CLOSED, ClosedReason.REPLACED)
    assert world.session(first.purchase).url is None
    moments = world.gate.moments
    expired = moments.index("after payments.expire_session")
    assert expired < moments.index("before payments.create_session")
    assert world.live == [second.purchase]
    assert not second.existing
    assert world.held() == ({second.purchase.id} if as_class_rep else set())


async def test_a_choice_that_is_impossible_leaves_the_open_page_open() -> None:
    world = World()
    world.offer(a_program(class_rep_limit=1))
    await world.check_out(GRACE, as_class_rep=True)
    first = await world.check_out(ADA)

    with pytest.raises(SpotsExhausted) as refusal:
        await world.check_out(ADA, as_class_rep=True)

    assert refusal.value.limit == 1
    assert world.row(first.purchase) == first.purchase
    assert world.payments.calls["expire_session"] == 0


async def test_a_choice_below_the_smallest_charge_leaves_the_open_page_open() -> None:
    world = World()
    first = await world.check_out()
    world.offer(a_program(class_rep_discount=usd(7_951)))

    with pytest.raises(BelowMinimumCharge):
        await world.check_out(as_class_rep=True)

    assert world.row(first.purchase) == first.purchase


async def test_another_choice_after_a_payment_finds_the_program_bought() -> None:
    world = World()
    first = await world.check_out()
    world.payments.pay(session_of(first.purchase))

    with pytest.raises(AlreadyPurchased) as refusal:
        await world.check_out(as_class_rep=True)

    assert refusal.value.purchase_id == first.purchase.id
    assert world.row(first.purchase).status is Status.COMPLETED
    assert world.sessions_created == 1


@pytest.mark.parametrize("lost", ["lose_request", "lose_answer"])
async def test_another_choice_waits_for_a_silent_provider(lost: str) -> None:
    world = World()
    first = await world.check_out()
    getattr(world.payments, lost)("expire_session")

    with pytest.raises(CheckoutUnresolved) as refusal:
        await world.check_out(as_class_rep=True)

    assert refusal.value.purchase_id == first.purchase.id
    assert world.row(first.purchase).status is Status.CLOSING
    assert len(world.rows) == 1

    second = await world.check_out(as_class_rep=True)
    assert world.live == [second.purchase]
    assert world.row(first.purchase).closed_reason is ClosedReason.REPLACED


async def test_a_request_replaces_at_most_once() -> None:
    world = World()
    await world.check_out()

    async def choose_otherwise() -> None:
        await world.check_out(service=world.instance(lock=NoLock()))

    world.gate.once("before purchases.add", no_act)
    world.gate.once("before purchases.add", choose_otherwise)

    with pytest.raises(CheckoutUnresolved):
        await world.check_out(as_class_rep=True)

    (live,) = world.live
    assert not live.is_class_rep
    assert live.pay_url is not None


async def no_act() -> None:
    """Let this one pass."""


# --- What ended meanwhile --------------------------------------------------------


async def test_a_checkout_that_failed_is_begun_anew() -> None:
    world = World()
    first = await world.check_out(as_class_rep=True)
    world.payments.pay_later(session_of(first.purchase))
    failed = world.payments.fail_delayed(session_of(first.purchase))
    await world.tell(failed, EventKind.ASYNC_PAYMENT_FAILED)

    second = await world.check_out(as_class_rep=True)

    assert world.row(first.purchase).closed_reason is ClosedReason.FAILED
    assert world.held() == {second.purchase.id}


async def test_what_ended_between_insert_and_look_is_begun_anew() -> None:
    world = World()
    first = await world.check_out(as_class_rep=True)

    async def cancel() -> None:
        await world.cancel(first.purchase)

    world.gate.once("before purchases.find_live", cancel)

    second = await world.check_out(as_class_rep=True)

    assert not second.existing
    assert world.live == [second.purchase]
    assert world.held() == {second.purchase.id}


async def test_a_purchase_of_somebody_else_is_nobodys_business() -> None:
    world = World()
    await world.check_out(GRACE, as_class_rep=True)

    answer = await world.check_out(ADA)

    assert not answer.existing
    assert len(world.live) == 2
