"""Closing what may have a session that nobody saved (protocol 3.2, CLOSE)."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from application.ports.payments import PaymentGatewayFailed
from application.start_checkout import CheckoutUnresolved
from domain.checkout import CheckoutRequest, CheckoutSession, SessionStatus
from domain.ids import PurchaseId, SessionId
from domain.purchase import CannotCancel, Purchase, Status
from entrypoints.simulation.outside.clock import ManualClock
from entrypoints.simulation.outside.payments import FakePaymentGateway
from entrypoints.simulation.outside.randomness import SeededRandomness
from tests.application.world import World
from tests.examples import a_session

FIRST = SeededRandomness().purchase_id()
WINDOW = timedelta(minutes=5)  # the request can succeed for so long


async def reserved(world: World, *, lost: str = "lose_request") -> Purchase:
    """Return a class rep's purchase whose session nobody saved."""
    getattr(world.payments, lost)("create_session")
    with pytest.raises(CheckoutUnresolved):
        await world.check_out(as_class_rep=True)
    return world.store.get(FIRST)


@pytest.mark.parametrize("lost", ["lose_request", "lose_answer"])
async def test_a_session_that_nobody_saved_is_fetched_by_its_key_and_expired(
    lost: str,
) -> None:
    world = World()
    purchase = await reserved(world, lost=lost)

    await world.cancel(purchase)

    assert world.is_cancelled(purchase)
    assert world.sessions_created == 1
    (session,) = world.sessions
    assert session.url is None


async def test_a_refusal_says_that_no_session_exists() -> None:
    world = World()
    purchase = await reserved(world)
    world.advance(WINDOW + timedelta(seconds=1))

    await world.cancel(purchase)

    assert world.is_cancelled(purchase)
    assert not world.sessions


async def test_a_session_that_nobody_saved_and_somebody_paid_completes() -> None:
    world = World()
    purchase = await reserved(world, lost="lose_answer")
    (session,) = world.sessions
    world.payments.pay(session.id)

    with pytest.raises(CannotCancel):
        await world.cancel(purchase)

    assert world.row(purchase).status is Status.COMPLETED
    assert world.held() == {purchase.id}


async def repeating_a_failure(world: World, *, creates: bool) -> Purchase:
    world.payments.save_failure(FIRST, creates=creates)
    with pytest.raises(CheckoutUnresolved):
        await world.check_out(as_class_rep=True)
    return world.store.get(FIRST)


async def test_where_the_key_repeats_a_failure_the_session_is_searched() -> None:
    world = World()
    purchase = await repeating_a_failure(world, creates=True)

    await world.cancel(purchase)

    assert world.is_cancelled(purchase)
    assert world.payments.calls["find_session"] == 1


async def test_a_search_that_finds_nothing_waits_for_the_end_of_the_window() -> None:
    world = World()
    purchase = await repeating_a_failure(world, creates=False)

    assert (await world.cancel(purchase)).status is Status.CLOSING
    world.advance(WINDOW)
    assert (await world.cancel(purchase)).status is Status.CLOSING
    assert world.held() == {purchase.id}
    world.advance(timedelta(seconds=1))

    await world.cancel(purchase)

    assert world.is_cancelled(purchase)
    assert not world.sessions


async def test_the_window_ended_before_the_search_began_or_it_proves_nothing() -> None:
    """A create may succeed after the search was answered and before the window ends."""
    world = World()
    purchase = await repeating_a_failure(world, creates=False)

    async def succeed_late_and_answer_slowly() -> None:
        session = a_session(id=SessionId("cs_late"), purchase_id=purchase.id)
        world.payments.plant(replace(session, created_at=world.payments.now()))
        world.advance(WINDOW + timedelta(seconds=1))

    world.gate.once("after payments.find_session", succeed_late_and_answer_slowly)

    await world.cancel(purchase)

    assert world.is_cancelled(purchase)
    (session,) = world.sessions
    assert session.status is SessionStatus.EXPIRED


async def test_the_window_ends_by_the_providers_clock() -> None:
    world = World(provider_clock=World().clock)
    purchase = await repeating_a_failure(world, creates=False)
    world.advance(timedelta(hours=48))

    assert (await world.cancel(purchase)).status is Status.CLOSING


class NewlyStartedGateway(FakePaymentGateway):
    """Knows the provider's time from its first answer on; a failure tells none."""

    def __init__(self, ours: ManualClock, theirs: ManualClock) -> None:
        super().__init__(theirs)
        self.ours = ours
        self.knows_the_time = False

    def now(self) -> datetime:
        return super().now() if self.knows_the_time else self.ours.now()

    async def create_session(
        self, purchase_id: PurchaseId, request: CheckoutRequest
    ) -> CheckoutSession:
        self.knows_the_time = True  # the provider itself always does
        try:
            return await super().create_session(purchase_id, request)
        except PaymentGatewayFailed:
            self.knows_the_time = False
            raise

    async def find_session(
        self, purchase_id: PurchaseId, *, request: CheckoutRequest
    ) -> CheckoutSession | None:
        self.knows_the_time = True
        return await super().find_session(purchase_id, request=request)


async def test_our_clock_does_not_end_the_window_before_an_answer_told_the_time() -> (
    None
):
    world = World()
    theirs = ManualClock()
    purchase = await repeating_a_failure(world, creates=False)
    world.advance(timedelta(hours=48))
    world.payments = NewlyStartedGateway(world.clock, theirs)
    world.payments.save_failure(FIRST, creates=False)
    service = world.instance(worker="two")

    await service.cancel_purchase()(purchase.buyer.id, purchase.id)

    assert world.row(purchase).status is Status.CLOSING
    assert world.held() == {purchase.id}


@pytest.mark.parametrize("call", ["create_session", "find_session"])
async def test_silence_about_a_session_that_nobody_saved_leaves_it_closing(
    call: str,
) -> None:
    world = World()
    purchase = await repeating_a_failure(world, creates=True)
    world.payments.lose_request(call)

    assert (await world.cancel(purchase)).status is Status.CLOSING
    assert world.held() == {purchase.id}
    await world.cancel(purchase)
    assert world.is_cancelled(purchase)
