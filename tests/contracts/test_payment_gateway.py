import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from application.ports.payments import (
    IntentState,
    PaymentGatewayFailed,
    PaymentGatewayUnavailable,
    PaymentRefused,
    SessionNotOpen,
)
from domain.checkout import (
    CheckoutRequest,
    CheckoutSession,
    Payer,
    PaymentStatus,
    SessionStatus,
)
from domain.ids import BuyerId, ProgramId, PurchaseId, SessionId
from domain.money import Money
from domain.purchase import Buyer, PaymentMethod, PurchasedProgram
from domain.quote import Quote
from tests.contracts.payment_worlds import (
    PaymentWorld,
    fake_world,
    in_whole_seconds,
    simulated_world,
)

P1, P2 = PurchaseId("p-1"), PurchaseId("p-2")
HOLD = timedelta(minutes=35)
ADA = Buyer(id=BuyerId("ada"), email="ada@example.org", name="Ada")
CHOIR = PurchasedProgram(
    id=ProgramId("choir"), title="Choir", program_type="course", time_zone="UTC"
)


@pytest.fixture(params=[fake_world, simulated_world])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[PaymentWorld]:
    async with request.param() as made:
        yield made


def wording(
    world: PaymentWorld,
    purchase_id: PurchaseId = P1,
    *,
    hold: timedelta = HOLD,
    title: str = "Choir",
) -> CheckoutRequest:
    price = Money.of(150_00, "eur")
    off = Money.of(25_00, "eur")
    return world.gateway.compose(
        purchase_id=purchase_id,
        buyer=ADA,
        program=PurchasedProgram(
            id=CHOIR.id, title=title, program_type="course", time_zone="UTC"
        ),
        quote=Quote(
            full_price=price,
            class_rep_discount=off,
            early_bird_discount=off,
            total=price.less(off, off),
            is_class_rep=True,
            is_early_bird=True,
            program_revision=1,
            quoted_at=datetime(2026, 3, 2, tzinfo=UTC),
        ),
        expires_at=world.gateway.now() + hold,
    )


async def opened(world: PaymentWorld, purchase_id: PurchaseId = P1) -> CheckoutSession:
    return await world.gateway.create_session(purchase_id, wording(world, purchase_id))


# --- Opening ----------------------------------------------------------------------


async def test_an_opened_session_can_be_paid_and_names_its_purchase(
    world: PaymentWorld,
) -> None:
    request = wording(world)

    session = await world.gateway.create_session(P1, request)

    assert session.status is SessionStatus.OPEN
    assert session.payment_status is PaymentStatus.UNPAID
    assert (session.amount_total, session.currency) == (100_00, "eur")
    assert session.expires_at == request.expires_at
    assert session.expires_at == in_whole_seconds(session.expires_at)
    assert (session.purchase_id, session.app) == (P1, "spothold")
    assert (session.environment, session.livemode) == ("test", False)
    assert session.url
    assert session.id in session.url
    assert abs(session.created_at - world.gateway.now()) < timedelta(seconds=30)


async def test_asked_again_it_answers_word_for_word(world: PaymentWorld) -> None:
    request = wording(world)
    first = await world.gateway.create_session(P1, request)
    await world.gateway.expire_session(first.id)

    again = await world.gateway.create_session(P1, request)

    assert again == first  # even "open", which it is no longer
    assert await world.count_sessions() == 1


async def test_asked_by_many_at_once_it_opens_one(world: PaymentWorld) -> None:
    request = wording(world)

    answers = await asyncio.gather(
        *(world.gateway.create_session(P1, request) for _ in range(5))
    )

    assert len({session.id for session in answers}) == 1
    assert await world.count_sessions() == 1


async def test_each_purchase_has_its_own(world: PaymentWorld) -> None:
    assert (await opened(world, P1)).id != (await opened(world, P2)).id


async def test_another_request_under_the_same_key_is_no_refusal(
    world: PaymentWorld,
) -> None:
    await opened(world)

    with pytest.raises(PaymentGatewayUnavailable):
        await world.gateway.create_session(P1, wording(world, title="Chorus"))

    assert await world.count_sessions() == 1


@pytest.mark.parametrize(
    ("hold", "is_too_late"),
    [(timedelta(minutes=29), True), (timedelta(hours=25), False)],
    ids=["too near", "too far"],
)
async def test_an_end_that_stripe_does_not_take_is_refused(
    world: PaymentWorld, hold: timedelta, *, is_too_late: bool
) -> None:
    request = wording(world, hold=hold)

    for _ in range(2):
        with pytest.raises(PaymentRefused) as refusal:
            await world.gateway.create_session(P1, request)
        assert refusal.value.is_too_late is is_too_late

    assert await world.count_sessions() == 0


async def test_after_a_day_the_key_is_forgotten_and_the_request_too_late(
    world: PaymentWorld,
) -> None:
    request = wording(world)
    await world.gateway.create_session(P1, request)
    await world.advance(timedelta(hours=25))

    with pytest.raises(PaymentRefused) as refusal:
        await world.gateway.create_session(P1, request)

    assert refusal.value.is_too_late


# --- Not knowing ------------------------------------------------------------------


async def test_a_lost_answer_is_found_again_by_asking_again(
    world: PaymentWorld,
) -> None:
    request = wording(world)
    await world.lose_answer()
    with pytest.raises(PaymentGatewayUnavailable):
        await world.gateway.create_session(P1, request)

    session = await world.gateway.create_session(P1, request)

    assert await world.gateway.find_session(P1, request=request) == session
    assert await world.count_sessions() == 1


async def test_a_lost_request_did_nothing(world: PaymentWorld) -> None:
    request = wording(world)
    await world.lose_request()
    with pytest.raises(PaymentGatewayUnavailable):
        await world.gateway.create_session(P1, request)

    assert await world.gateway.find_session(P1, request=request) is None
    assert (await world.gateway.create_session(P1, request)).purchase_id == P1


@pytest.mark.parametrize("creates", [True, False])
async def test_a_saved_failure_is_repeated_and_hides_a_session_or_none(
    world: PaymentWorld, *, creates: bool
) -> None:
    request = wording(world)
    await opened(world, P2)
    await world.save_failure(P1, creates=creates)

    for _ in range(2):
        with pytest.raises(PaymentGatewayFailed):
            await world.gateway.create_session(P1, request)

    found = await world.gateway.find_session(P1, request=request)
    assert (found is not None) is creates
    assert found is None or found.purchase_id == P1


async def test_a_session_is_found_in_whatever_state_it_is(world: PaymentWorld) -> None:
    request = wording(world)
    session = await world.gateway.create_session(P1, request)
    await opened(world, P2)
    await world.pay(session.id)

    found = await world.gateway.find_session(P1, request=request)

    assert found == await world.gateway.get_session(session.id)
    assert found.is_paid


# --- Paying -----------------------------------------------------------------------


async def test_a_paid_session_is_complete_and_says_who_paid(
    world: PaymentWorld,
) -> None:
    session = await opened(world)

    await world.pay(session.id)

    paid = await world.gateway.get_session(session.id)
    assert (paid.status, paid.is_paid) == (SessionStatus.COMPLETE, True)
    assert (paid.amount_total, paid.currency) == (100_00, "eur")
    assert paid.payer == Payer(name="Ada", email="ada@example.org", country="GB")
    assert paid.url is None
    assert paid.payment_intent is not None
    assert await world.gateway.payment_method(paid.payment_intent) == PaymentMethod(
        type="card", brand="visa", last4="4242"
    )


async def delayed(world: PaymentWorld) -> tuple[SessionId, str]:
    session = await opened(world)
    await world.pay_later(session.id)
    complete = await world.gateway.get_session(session.id)
    assert complete.status is SessionStatus.COMPLETE
    assert complete.payment_status is PaymentStatus.UNPAID
    assert complete.payment_intent is not None
    return session.id, complete.payment_intent


async def test_a_delayed_payment_is_under_way(world: PaymentWorld) -> None:
    _, intent = await delayed(world)

    assert await world.gateway.intent_state(intent) is IntentState.UNDER_WAY


async def test_a_delayed_payment_that_arrived_is_not_over(world: PaymentWorld) -> None:
    session_id, intent = await delayed(world)

    await world.clear_delayed(session_id)

    # Whoever asks saw it unpaid a moment ago, and must look again.
    assert await world.gateway.intent_state(intent) is IntentState.UNDER_WAY
    assert (await world.gateway.get_session(session_id)).is_paid


async def test_a_delayed_payment_that_failed_is_over(world: PaymentWorld) -> None:
    session_id, intent = await delayed(world)

    await world.fail_delayed(session_id)

    assert await world.gateway.intent_state(intent) is IntentState.OVER
    assert not (await world.gateway.get_session(session_id)).is_paid


# --- Ending -----------------------------------------------------------------------


async def test_an_open_session_can_be_expired_once(world: PaymentWorld) -> None:
    session = await opened(world)

    expired = await world.gateway.expire_session(session.id)

    assert (expired.status, expired.url) == (SessionStatus.EXPIRED, None)
    assert await world.gateway.get_session(session.id) == expired
    with pytest.raises(SessionNotOpen):
        await world.gateway.expire_session(session.id)


async def test_a_complete_session_cannot_be_expired(world: PaymentWorld) -> None:
    session = await opened(world)
    await world.pay(session.id)

    with pytest.raises(SessionNotOpen):
        await world.gateway.expire_session(session.id)

    assert (await world.gateway.get_session(session.id)).is_paid


async def test_time_expires_a_session_by_the_providers_clock(
    world: PaymentWorld,
) -> None:
    session = await opened(world)
    await world.advance(HOLD + timedelta(seconds=1))

    seen = await world.gateway.get_session(session.id)

    assert (seen.status, seen.url) == (SessionStatus.EXPIRED, None)
    assert world.gateway.now() >= session.expires_at
    with pytest.raises(SessionNotOpen):
        await world.gateway.expire_session(session.id)


async def test_what_the_provider_does_not_know_proves_nothing(
    world: PaymentWorld,
) -> None:
    nowhere = SessionId("cs_test_nowhere")

    with pytest.raises(PaymentGatewayUnavailable):
        await world.gateway.get_session(nowhere)
    with pytest.raises(PaymentGatewayUnavailable):
        await world.gateway.expire_session(nowhere)
    with pytest.raises(PaymentGatewayUnavailable):
        await world.gateway.intent_state("pi_nowhere")
    with pytest.raises(PaymentGatewayUnavailable):
        await world.gateway.payment_method("pi_nowhere")
