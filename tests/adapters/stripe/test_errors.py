"""Each answer that Stripe, or the way to it, can give, and what it means to us."""

import asyncio
from datetime import timedelta

import pytest

from adapters.stripe.patience import Patience
from application.ports.payments import (
    PaymentGatewayFailed,
    PaymentGatewayUnavailable,
    PaymentRefused,
)
from domain.checkout import CheckoutRequest
from domain.ids import PurchaseId, SessionId
from entrypoints.simulation.outside.alerts import RecordingAlerts
from entrypoints.simulation.outside.clock import ManualClock
from tests.adapters.stripe.conftest import Line, gateway_to
from tests.adapters.stripe.objects import NOON, session_json
from tests.adapters.stripe.scripted import (
    Step,
    fails,
    hangs_up,
    says,
    says_bytes,
    scripted_stripe,
    sends_half,
    stalls,
    stalls_halfway,
)

P1 = PurchaseId("p-1")
REQUEST = CheckoutRequest(
    expires_at=NOON + timedelta(minutes=35), parameters={"mode": "payment"}
)
HTML = b"<html>Bad gateway</html>"

# (what the server does, what it is called here)
DEFINITE = [
    (fails(400, code="parameter_invalid_integer"), "parameter_invalid_integer"),
    (fails(400, code="amount_too_small"), "amount_too_small"),
    (fails(400, code="email_invalid", param="customer_email"), "email_invalid"),
    (fails(400, param="line_items"), "line_items"),
    (fails(400), "refused"),
    (fails(402, kind="card_error", code="card_declined"), "card_declined"),
]
MISCONFIGURED = [
    pytest.param(fails(401), id="401"),
    pytest.param(fails(403, code="more_permissions_required"), id="403"),
    pytest.param(fails(404, code="resource_missing"), id="404"),
    pytest.param(says_bytes(HTML, 403, "text/html"), id="403 in no JSON"),
]
# Nobody knows what came of it.
UNANSWERED = [
    pytest.param(fails(409, code="idempotency_key_in_use"), id="409"),
    pytest.param(fails(429, code="rate_limit"), id="429"),
    pytest.param(fails(429, code="lock_timeout"), id="429 lock"),
    pytest.param(fails(400, code="rate_limit"), id="429 as it once was"),
    pytest.param(says_bytes(b"slow down", 429, "text/plain"), id="429 of a proxy"),
    pytest.param(hangs_up, id="hang-up"),
    pytest.param(sends_half, id="half a body"),
]
STALLED = [
    pytest.param(stalls, id="stall"),
    pytest.param(stalls_halfway, id="stalled body"),
]
BROKEN = [
    pytest.param(fails(500, kind="api_error"), id="500"),
    pytest.param(fails(503, kind="api_error"), id="503"),
    pytest.param(says_bytes(HTML, 502, "text/html"), id="502 in no JSON"),
    pytest.param(says_bytes(b"\xff\xfe", 500), id="500 in no UTF-8"),
]
UNEXPECTED = [
    pytest.param(fails(405), id="405"),
    pytest.param(fails(418), id="418"),
    pytest.param(says({}, 302, Location="https://evil.example"), id="redirect"),
    pytest.param(says_bytes(HTML, 200, "text/html"), id="200 in no JSON"),
    pytest.param(says_bytes(HTML, 400, "text/html"), id="400 in no JSON"),
    pytest.param(says({"error": "no"}, 400), id="400 of another form"),
    pytest.param(says([]), id="a list"),
    pytest.param(says(None), id="null"),
]
UNREADABLE = [
    ({"object": "payment_link"}, "object"),
    ({"id": None}, "id"),
    ({"id": "cs test 1"}, "id"),
    ({"status": "paused"}, "status"),
    ({"payment_status": None}, "payment_status"),
    ({"amount_total": None}, "amount_total"),
    ({"amount_total": "1500"}, "amount_total"),
    ({"amount_total": 15.0}, "amount_total"),
    ({"amount_total": True}, "amount_total"),
    ({"amount_total": -1}, "amount_total"),
    ({"currency": "EUR"}, "currency"),
    ({"currency": None}, "currency"),
    ({"livemode": "false"}, "livemode"),
    ({"created": None}, "created"),
    ({"created": 10**15}, "created"),
    ({"expires_at": "soon"}, "expires_at"),
    ({"url": 1}, "url"),
    ({"payment_intent": {"object": "payment_intent"}}, "id"),
    ({"metadata": "app"}, "metadata"),
    ({"metadata": {"purchase_id": 1}}, "purchase_id"),
    ({"customer_details": {"name": "\ud800"}}, "name"),
]


def ours(step: Step) -> list[Step]:
    return [step, says(session_json())]


def assert_one_key(line: Line, *, tries: int) -> None:
    assert len(line.stripe.received) == tries
    assert {request.key for request in line.stripe.received} == {"co:p-1"}
    forms = [request.form for request in line.stripe.received]
    assert all(form == forms[0] for form in forms)


@pytest.mark.parametrize(
    ("step", "reason"), DEFINITE, ids=[reason for _, reason in DEFINITE]
)
async def test_a_definite_no_is_taken_for_one_at_once(
    line: Line, step: Step, reason: str
) -> None:
    line.stripe.plays(*ours(step))

    with pytest.raises(PaymentRefused) as refusal:
        await line.gateway.create_session(P1, REQUEST)

    assert refusal.value.reason == reason
    assert not refusal.value.is_too_late
    assert_one_key(line, tries=1)
    assert line.alerts.sent == []


@pytest.mark.parametrize(
    ("ahead", "is_too_late"),
    [(timedelta(minutes=29), True), (timedelta(hours=25), False)],
)
async def test_only_an_end_too_near_is_too_late(
    line: Line, ahead: timedelta, *, is_too_late: bool
) -> None:
    line.stripe.plays(fails(400, param="expires_at", code="parameter_invalid_integer"))

    with pytest.raises(PaymentRefused) as refusal:
        await line.gateway.create_session(
            P1, CheckoutRequest(expires_at=NOON + ahead, parameters={})
        )

    assert refusal.value.is_too_late is is_too_late


async def test_nearness_is_judged_by_the_clock_of_stripe(line: Line) -> None:
    line.clock.at = NOON - timedelta(days=30)
    line.stripe.plays(fails(400, param="expires_at"))  # at noon, says its `Date`

    with pytest.raises(PaymentRefused) as refusal:
        await line.gateway.create_session(
            P1, CheckoutRequest(expires_at=NOON + timedelta(minutes=29), parameters={})
        )

    assert refusal.value.is_too_late


@pytest.mark.parametrize("step", MISCONFIGURED)
async def test_a_rejected_configuration_is_no_refusal_but_an_alert(
    line: Line, step: Step
) -> None:
    line.stripe.plays(*ours(step))

    with pytest.raises(PaymentGatewayUnavailable) as unavailable:
        await line.gateway.create_session(P1, REQUEST)

    assert not isinstance(unavailable.value, PaymentGatewayFailed)
    assert line.alerts.codes == ["stripe_configuration_rejected"]
    assert line.alerts.sent[0].facts["subject"] == "p-1"
    assert_one_key(line, tries=1)


async def test_an_alert_carries_what_finds_the_request_again(line: Line) -> None:
    line.stripe.plays(fails(403, code="more_permissions_required", param="x"))

    with pytest.raises(PaymentGatewayUnavailable):
        await line.gateway.create_session(P1, REQUEST)

    assert line.alerts.sent[0].facts == {
        "call": "create_session",
        "subject": "p-1",
        "status": 403,
        "stripe_code": "more_permissions_required",
        "param": "x",
        "request_id": "req_1",
    }


async def test_a_key_of_another_request_is_a_bug_and_not_a_refusal(line: Line) -> None:
    line.stripe.plays(*ours(fails(400, kind="idempotency_error")))

    with pytest.raises(PaymentGatewayUnavailable):
        await line.gateway.create_session(P1, REQUEST)

    assert line.alerts.codes == ["stripe_idempotency_key_reused"]
    assert_one_key(line, tries=1)


@pytest.mark.parametrize("step", UNANSWERED)
async def test_no_answer_is_asked_for_twice_more_and_then_unknown(
    line: Line, step: Step
) -> None:
    line.stripe.plays(step)

    with pytest.raises(PaymentGatewayUnavailable) as unavailable:
        await line.gateway.create_session(P1, REQUEST)

    assert not isinstance(unavailable.value, PaymentGatewayFailed)
    assert_one_key(line, tries=3)
    assert line.alerts.sent == []


@pytest.mark.parametrize("step", STALLED)
async def test_a_stalled_answer_is_given_up_and_asked_for_again(
    short_line: Line, step: Step
) -> None:
    short_line.stripe.plays(step, step, says(session_json()))

    session = await short_line.gateway.create_session(P1, REQUEST)

    assert session.id == "cs_test_1"
    assert_one_key(short_line, tries=3)


async def test_three_stalled_answers_are_unknown(short_line: Line) -> None:
    short_line.stripe.plays(stalls_halfway)

    with pytest.raises(PaymentGatewayUnavailable) as unavailable:
        await short_line.gateway.create_session(P1, REQUEST)

    assert not isinstance(unavailable.value, PaymentGatewayFailed)
    assert_one_key(short_line, tries=3)


@pytest.mark.parametrize("step", BROKEN)
async def test_an_error_of_stripe_is_asked_again_and_may_be_saved(
    line: Line, step: Step
) -> None:
    line.stripe.plays(step)

    with pytest.raises(PaymentGatewayFailed):
        await line.gateway.create_session(P1, REQUEST)

    assert_one_key(line, tries=3)
    assert line.alerts.sent == []


@pytest.mark.parametrize("step", [*UNANSWERED, *BROKEN])
async def test_once_is_forgiven(line: Line, step: Step) -> None:
    line.stripe.plays(*ours(step))

    session = await line.gateway.create_session(P1, REQUEST)

    assert session.id == "cs_test_1"
    assert_one_key(line, tries=2)
    assert line.alerts.sent == []


@pytest.mark.parametrize("step", UNEXPECTED)
async def test_what_no_rule_covers_is_unknown_and_an_alert(
    line: Line, step: Step
) -> None:
    line.stripe.plays(*ours(step))

    with pytest.raises(PaymentGatewayUnavailable) as unavailable:
        await line.gateway.create_session(P1, REQUEST)

    assert not isinstance(unavailable.value, PaymentGatewayFailed)
    assert len(line.alerts.codes) == 1
    assert_one_key(line, tries=1)


@pytest.mark.parametrize(
    ("changes", "field"), UNREADABLE, ids=[str(changes) for changes, _ in UNREADABLE]
)
async def test_what_cannot_be_read_is_unknown_and_an_alert(
    line: Line, changes: dict[str, object], field: str
) -> None:
    line.stripe.plays(says(session_json(**changes)))

    with pytest.raises(PaymentGatewayUnavailable):
        await line.gateway.create_session(P1, REQUEST)

    assert line.alerts.codes == ["stripe_answer_unreadable"]
    assert line.alerts.sent[0].facts["param"] == field


@pytest.mark.parametrize("status", [400, 402])
async def test_only_a_creation_can_be_refused(line: Line, status: int) -> None:
    line.stripe.plays(fails(status))

    with pytest.raises(PaymentGatewayUnavailable):
        await line.gateway.get_session(SessionId("cs_test_1"))

    assert line.alerts.codes == ["stripe_answer_unexpected"]


async def test_only_a_creation_can_have_failed_for_good(line: Line) -> None:
    line.stripe.plays(fails(500))

    with pytest.raises(PaymentGatewayUnavailable) as unavailable:
        await line.gateway.get_session(SessionId("cs_test_1"))

    assert not isinstance(unavailable.value, PaymentGatewayFailed)
    assert len(line.stripe.received) == 3


async def test_a_whole_call_has_one_deadline() -> None:
    clock, alerts = ManualClock(NOON), RecordingAlerts()
    patience = Patience(
        per_try=timedelta(seconds=30), overall=timedelta(milliseconds=50)
    )
    async with scripted_stripe() as stripe:
        stripe.plays(stalls)
        gateway = gateway_to(stripe.base, clock=clock, alerts=alerts, patience=patience)
        async with asyncio.timeout(5):
            with pytest.raises(PaymentGatewayUnavailable):
                await gateway.create_session(P1, REQUEST)
        await gateway.close()

    assert len(stripe.received) == 1
    assert alerts.sent == []


async def test_a_dead_port_is_unknown() -> None:
    async with scripted_stripe() as stripe:
        base = stripe.base
    gateway = gateway_to(base, clock=ManualClock(NOON), alerts=RecordingAlerts())

    with pytest.raises(PaymentGatewayUnavailable):
        await gateway.create_session(P1, REQUEST)

    await gateway.close()


async def test_who_hangs_up_on_us_is_not_told_that_stripe_did(line: Line) -> None:
    line.stripe.plays(stalls)
    call = asyncio.create_task(line.gateway.create_session(P1, REQUEST))
    await asyncio.sleep(0)

    call.cancel()

    with pytest.raises(asyncio.CancelledError):
        await call
    assert line.alerts.sent == []


def test_a_buyer_waits_eight_seconds_at_most() -> None:
    patience = Patience()

    assert patience.tries == 3
    assert patience.per_try == timedelta(seconds=3)
    assert patience.overall == timedelta(seconds=8)
