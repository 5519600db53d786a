"""The provider is silent, refuses, or repeats a failure; the storage falls out."""

from dataclasses import replace
from datetime import timedelta

import pytest

from application.ports.payments import PaymentRefused
from application.ports.storage import StorageUnavailable
from application.start_checkout import CheckoutClosed, CheckoutUnresolved
from domain.checkout import CheckoutRequest, CheckoutSession
from domain.ids import PurchaseId
from domain.purchase import ClosedReason, Status
from domain.transitions import close_refused
from entrypoints.simulation.outside.clock import NOON
from entrypoints.simulation.outside.payments import FakePaymentGateway
from entrypoints.simulation.outside.randomness import SeededRandomness
from tests.application.world import World

FIRST = SeededRandomness().purchase_id()


@pytest.mark.parametrize("lost", ["lose_request", "lose_answer"])
async def test_a_silent_provider_leaves_the_purchase_and_its_id(lost: str) -> None:
    world = World()
    getattr(world.payments, lost)("create_session")

    with pytest.raises(CheckoutUnresolved) as refusal:
        await world.check_out(as_class_rep=True)

    (purchase,) = world.rows
    assert refusal.value.purchase_id == purchase.id
    assert purchase.status is Status.RESERVED
    assert world.held() == {purchase.id}

    answer = await world.check_out(as_class_rep=True)
    assert answer.existing
    assert answer.purchase.id == purchase.id
    assert world.sessions_created == 1


async def test_a_refusal_closes_the_purchase_and_gives_the_spot_back() -> None:
    world = World()
    world.payments.refuse(FIRST)

    with pytest.raises(PaymentRefused):
        await world.check_out(as_class_rep=True)

    (purchase,) = world.rows
    assert (purchase.id, purchase.status) == (FIRST, Status.CLOSED)
    assert purchase.closed_reason is ClosedReason.REJECTED
    assert not world.held()
    assert (await world.check_out(as_class_rep=True)).purchase.id != FIRST


async def test_a_retry_too_near_the_end_closes_and_begins_once_more() -> None:
    world = World()
    world.payments.lose_request("create_session")
    with pytest.raises(CheckoutUnresolved):
        await world.check_out(as_class_rep=True)
    (old,) = world.rows
    world.advance(timedelta(minutes=5, seconds=1))

    answer = await world.check_out(as_class_rep=True)

    assert world.row(old).closed_reason is ClosedReason.REJECTED
    assert not answer.existing
    assert world.live == [answer.purchase]
    assert world.held() == {answer.purchase.id}
    assert world.sessions_created == 1


async def test_a_retry_at_the_last_moment_still_gets_its_session() -> None:
    world = World()
    world.payments.lose_request("create_session")
    with pytest.raises(CheckoutUnresolved):
        await world.check_out()
    world.advance(timedelta(minutes=5))

    assert (await world.check_out()).existing


async def test_too_near_the_end_twice_is_refused() -> None:
    world = World()

    async def dawdle() -> None:
        world.advance(timedelta(minutes=6))

    world.gate.once("before payments.create_session", dawdle)
    world.gate.once("before payments.create_session", dawdle)

    with pytest.raises(PaymentRefused) as refusal:
        await world.check_out(as_class_rep=True)

    assert refusal.value.is_too_late
    assert [row.closed_reason for row in world.rows] == [ClosedReason.REJECTED] * 2
    assert not world.held()


@pytest.mark.parametrize("creates", [True, False])
async def test_a_failure_that_the_key_repeats_never_gets_a_second_key(
    *, creates: bool
) -> None:
    world = World()
    world.payments.save_failure(FIRST, creates=creates)

    for _ in range(3):
        with pytest.raises(CheckoutUnresolved) as refusal:
            await world.check_out(as_class_rep=True)
        assert refusal.value.purchase_id == FIRST

    (purchase,) = world.rows
    assert purchase.status is Status.RESERVED
    assert world.sessions_created == int(creates)
    assert world.held() == {FIRST}


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("when", ["before", "after"])
async def test_an_insert_with_an_unknown_outcome_is_repeated_word_for_word(
    when: str, times: int
) -> None:
    world = World()
    for _ in range(times):
        world.gate.fail_once(f"{when} purchases.add", StorageUnavailable())

    answer = await world.check_out(as_class_rep=True)

    assert not answer.existing
    assert list(world.rows) == [answer.purchase]
    tries = times if when == "before" else 1  # the second one finds what is there
    assert world.gate.calls["purchases.add"] == tries + 1


async def test_an_insert_is_tried_three_times_and_then_nothing_outside_is_asked() -> (
    None
):
    world = World()
    for _ in range(3):
        world.gate.fail_once("before purchases.add", StorageUnavailable())

    with pytest.raises(CheckoutUnresolved) as refusal:
        await world.check_out()

    assert refusal.value.purchase_id is None
    assert not world.rows
    assert world.gate.calls["payments.create_session"] == 0


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    "call", ["programs.reserve_spot", "purchases.change", "purchases.add"]
)
async def test_a_write_with_an_unknown_outcome_is_carried_on_by_the_next_request(
    when: str, call: str
) -> None:
    world = World()
    tries = 3 if (when, call) == ("before", "purchases.add") else 1
    for _ in range(tries):
        world.gate.fail_once(f"{when} {call}", StorageUnavailable())
    if (when, call) == ("after", "purchases.add"):
        world.gate.fail_once("before purchases.find_live", StorageUnavailable())

    with pytest.raises(CheckoutUnresolved):
        await world.check_out(as_class_rep=True)
    answer = await world.check_out(as_class_rep=True)

    assert list(world.rows) == [answer.purchase]
    assert world.held() == {answer.purchase.id}
    assert (world.sessions_created, answer.purchase.pay_url is not None) == (1, True)


async def test_storage_that_fails_before_anything_is_stored_says_so() -> None:
    world = World()
    world.gate.fail_once("before programs.get", StorageUnavailable())

    with pytest.raises(StorageUnavailable):
        await world.check_out()


async def test_a_checkout_cancelled_while_it_opens_shows_no_page() -> None:
    world = World()

    async def cancel() -> None:
        (purchase,) = world.rows
        await world.cancel(purchase)

    world.gate.once("after payments.create_session", cancel)

    with pytest.raises(CheckoutClosed) as refusal:
        await world.check_out(as_class_rep=True)

    (purchase,) = world.rows
    assert refusal.value.purchase_id == purchase.id
    assert purchase.closed_reason is ClosedReason.CANCELLED
    assert [session.url for session in world.sessions] == [None]
    assert not world.held()


async def test_a_session_opened_for_a_purchase_closed_meanwhile_is_ended() -> None:
    world = World()

    async def be_refused_elsewhere() -> None:
        await world.purchases.change(FIRST, close_refused(), at=NOON, by="another")

    world.gate.once("after payments.create_session", be_refused_elsewhere)

    with pytest.raises(CheckoutClosed):
        await world.check_out(as_class_rep=True)

    assert [session.url for session in world.sessions] == [None]
    assert not world.held()


@pytest.mark.parametrize("lost", ["lose_request", "lose_answer"])
async def test_whether_it_could_be_ended_is_left_to_reconcile(lost: str) -> None:
    world = World()

    async def be_refused_elsewhere() -> None:
        await world.purchases.change(FIRST, close_refused(), at=NOON, by="another")

    world.gate.once("after payments.create_session", be_refused_elsewhere)
    getattr(world.payments, lost)("expire_session")

    with pytest.raises(CheckoutClosed):
        await world.check_out(as_class_rep=True)

    assert not world.held()


async def test_a_worker_that_was_overtaken_by_a_cancel_shows_no_page() -> None:
    world = World()

    async def cancel() -> None:
        await world.cancel(world.store.get(FIRST))

    world.gate.once("before payments.create_session", cancel)

    with pytest.raises(CheckoutClosed):
        await world.check_out(as_class_rep=True)

    assert [session.url for session in world.sessions] == [None]
    assert (world.sessions_created, world.held()) == (1, frozenset())


async def test_a_spot_taken_for_a_purchase_closed_meanwhile_is_given_back() -> None:
    world = World()

    async def cancel() -> None:
        (purchase,) = world.rows
        await world.cancel(purchase)

    world.gate.once("before programs.reserve_spot", cancel)

    with pytest.raises(CheckoutClosed):
        await world.check_out(as_class_rep=True)

    assert not world.held()
    assert world.gate.calls["payments.create_session"] == 0


class PagelessGateway(FakePaymentGateway):
    async def create_session(
        self, purchase_id: PurchaseId, request: CheckoutRequest
    ) -> CheckoutSession:
        return replace(await super().create_session(purchase_id, request), url=None)


async def test_a_session_without_a_page_is_no_answer() -> None:
    world = World()
    world.payments = PagelessGateway(world.clock)

    with pytest.raises(CheckoutUnresolved):
        await world.check_out()

    assert [row.status for row in world.rows] == [Status.RESERVED]
