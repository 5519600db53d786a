"""What the gateway sends, and what it makes of answers that are no errors."""

import logging
from datetime import timedelta
from typing import Any, cast

import pytest
from stripe.params.checkout import SessionCreateParams

from adapters.stripe.transport import SafeAIOHTTPClient, stripe_client
from application.ports.payments import (
    IntentState,
    PaymentGatewayUnavailable,
    SessionNotOpen,
)
from domain.checkout import Payer, PaymentStatus, SessionStatus
from domain.ids import SessionId
from domain.purchase import PaymentMethod
from tests.adapters.stripe.conftest import Line
from tests.adapters.stripe.objects import (
    EPOCH_NOON,
    NOON,
    paid_session_json,
    session_json,
)
from tests.adapters.stripe.scripted import fails, says, says_bytes
from tests.adapters.stripe.wordings import P1, compose

CS1 = SessionId("cs_test_1")
HOUR = 3600


async def test_the_stored_request_is_sent_word_for_word(line: Line) -> None:
    line.stripe.plays(says(session_json()))

    await line.gateway.create_session(P1, compose(line.gateway))

    received = line.stripe.received[0]
    assert (received.method, received.path) == ("POST", "/v1/checkout/sessions")
    assert received.key == "co:p-1"
    assert received.form["client_reference_id"] == "p-1"
    assert received.form["payment_intent_data[metadata][purchase_id]"] == "p-1"
    assert received.form["line_items[0][price_data][unit_amount]"] == "15000"
    assert received.form["expires_at"] == str(EPOCH_NOON + 2100)


async def test_a_session_is_asked_for_as_the_sdk_would_ask(line: Line) -> None:
    line.stripe.plays(says(session_json()))
    http = SafeAIOHTTPClient(lambda _: None, per_try=timedelta(seconds=10))
    sdk = stripe_client("sk_test_x", api_base=line.stripe.base, http=http)
    request = compose(line.gateway)
    parameters = cast("SessionCreateParams", dict(request.parameters))

    await line.gateway.create_session(P1, request)
    try:
        await sdk.v1.checkout.sessions.create_async(
            parameters, {"idempotency_key": f"co:{P1}"}
        )
    finally:
        await http.close_async()

    ours, theirs = line.stripe.received
    assert ours == theirs


async def test_an_intent_is_asked_for_as_the_sdk_would_ask(line: Line) -> None:
    line.stripe.plays(says(intent({"type": "link"})))
    http = SafeAIOHTTPClient(lambda _: None, per_try=timedelta(seconds=10))
    sdk = stripe_client("sk_test_x", api_base=line.stripe.base, http=http)
    odd = "pi_1/../refunds?a b"  # it came from outside, and is no path

    await line.gateway.payment_method(odd)
    try:
        await sdk.v1.payment_intents.retrieve_async(odd, {"expand": ["latest_charge"]})
    finally:
        await http.close_async()

    ours, theirs = line.stripe.received
    assert ours == theirs


async def test_stripe_is_not_told_about_our_machine(line: Line) -> None:
    line.stripe.plays(says(session_json(), 200, **{"Request-Id": "req_1"}))

    await line.gateway.get_session(CS1)
    await line.gateway.get_session(CS1)

    assert "X-Stripe-Client-Telemetry" not in line.stripe.received[1].headers


async def test_no_log_says_who_buys(
    line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    line.stripe.plays(says(paid_session_json()), fails(400))

    await line.gateway.create_session(P1, compose(line.gateway))
    with pytest.raises(PaymentGatewayUnavailable):
        await line.gateway.get_session(CS1)

    assert "ada@example.org" not in caplog.text
    assert "No." not in caplog.text  # Stripe's messages may quote what was sent


async def test_a_paid_session_says_who_paid_and_from_where(line: Line) -> None:
    line.stripe.plays(says(paid_session_json()))

    session = await line.gateway.get_session(CS1)

    assert session.status is SessionStatus.COMPLETE
    assert session.payment_status is PaymentStatus.PAID
    assert (session.amount_total, session.currency) == (1500, "eur")
    assert (session.created_at, session.livemode) == (NOON, False)
    assert session.expires_at == NOON + timedelta(minutes=35)
    assert (session.payment_intent, session.url) == ("pi_1", None)
    assert (session.app, session.environment) == ("spothold", "test")
    assert session.purchase_id == "p-1"
    assert session.payer == Payer(name="Ada", email="ada@example.org", country="GB")
    assert line.stripe.received[0].path == "/v1/checkout/sessions/cs_test_1"


async def test_an_expanded_intent_is_its_id(line: Line) -> None:
    intent = {"object": "payment_intent", "id": "pi_2"}
    line.stripe.plays(says(paid_session_json(payment_intent=intent)))

    assert (await line.gateway.get_session(CS1)).payment_intent == "pi_2"


async def test_a_session_of_somebody_else_has_no_marks(line: Line) -> None:
    line.stripe.plays(says(session_json(metadata=None)))

    session = await line.gateway.get_session(CS1)

    assert (session.app, session.environment, session.purchase_id) == (None, None, None)


# --- The provider's clock ---------------------------------------------------------


async def test_the_time_is_ours_until_stripe_says_another(line: Line) -> None:
    line.clock.at = NOON + timedelta(minutes=7)
    assert line.gateway.now() == line.clock.at

    line.stripe.plays(says(session_json()))  # at noon, says its `Date`
    await line.gateway.get_session(CS1)

    assert line.gateway.now() == NOON
    line.clock.advance(timedelta(minutes=1))
    assert line.gateway.now() == NOON + timedelta(minutes=1)


@pytest.mark.parametrize("date", ["", "now", "Mon, 99 Mar 2026 12:00:00 GMT"])
async def test_a_date_that_says_nothing_teaches_nothing(line: Line, date: str) -> None:
    line.clock.at = NOON + timedelta(minutes=7)
    line.stripe.plays(says(session_json(), Date=date))

    await line.gateway.get_session(CS1)

    assert line.gateway.now() == line.clock.at


async def test_a_date_of_no_zone_is_in_utc(line: Line) -> None:
    line.clock.at = NOON + timedelta(minutes=7)
    line.stripe.plays(says(session_json(), Date="Mon, 02 Mar 2026 12:00:00 -0000"))

    await line.gateway.get_session(CS1)

    assert line.gateway.now() == NOON


async def test_the_clock_of_a_broken_proxy_is_not_stripes(line: Line) -> None:
    line.clock.at = NOON + timedelta(minutes=7)
    line.stripe.plays(says_bytes(b"<html>", 502, "text/html"))

    with pytest.raises(PaymentGatewayUnavailable):
        await line.gateway.get_session(CS1)

    assert line.gateway.now() == line.clock.at


# --- Looking a session up ---------------------------------------------------------


def page(*ids: str, mine: str | None = None, more: bool = False) -> dict[str, Any]:
    rows = [
        session_json(id=i, client_reference_id="p-1" if i == mine else "p-2")
        for i in ids
    ]
    return {"object": "list", "data": rows, "has_more": more, "url": "/v1/x"}


async def test_a_session_is_looked_up_page_by_page_while_it_could_be_made(
    line: Line,
) -> None:
    request = compose(line.gateway)
    line.stripe.plays(
        says(page("cs_9", "cs_8", more=True)),
        fails(500),
        says(page("cs_7", "cs_6", mine="cs_6")),
    )

    found = await line.gateway.find_session(P1, request=request)

    assert found is not None
    assert found.id == "cs_6"
    first, again, second = (received.form for received in line.stripe.received)
    ends_at = EPOCH_NOON + 2100
    assert int(first["created[gte]"]) <= ends_at - 24 * HOUR
    assert ends_at - HOUR / 2 <= int(first["created[lte]"]) < ends_at - HOUR / 3
    assert first["limit"] == "100"
    assert "starting_after" not in first
    assert again == second
    assert second["starting_after"] == "cs_8"


@pytest.mark.parametrize("last", [page("cs_7"), page(more=True)], ids=["end", "empty"])
async def test_no_session_is_a_finding_too(line: Line, last: dict[str, Any]) -> None:
    line.stripe.plays(says(page("cs_9", more=True)), says(last))

    assert (await line.gateway.find_session(P1, request=compose(line.gateway))) is None
    assert len(line.stripe.received) == 2


async def test_half_a_list_is_no_finding(line: Line) -> None:
    line.stripe.plays(says(page("cs_9", more=True)), fails(500))

    with pytest.raises(PaymentGatewayUnavailable):
        await line.gateway.find_session(P1, request=compose(line.gateway))


# --- Ending a session -------------------------------------------------------------


async def test_an_expired_session_is_returned(line: Line) -> None:
    line.stripe.plays(says(session_json(status="expired", url=None)))

    session = await line.gateway.expire_session(CS1)

    assert session.status is SessionStatus.EXPIRED
    assert line.stripe.received[0].path == "/v1/checkout/sessions/cs_test_1/expire"


async def test_no_saved_error_can_keep_a_session_from_being_expired(
    line: Line,
) -> None:
    line.stripe.plays(fails(500), says(session_json(status="expired", url=None)))

    await line.gateway.expire_session(CS1)

    assert len({received.key for received in line.stripe.received}) == 2


@pytest.mark.parametrize("status", ["complete", "expired"])
async def test_why_a_session_cannot_be_expired_is_looked_up(
    line: Line, status: str
) -> None:
    line.stripe.plays(fails(400), says(session_json(status=status)))

    with pytest.raises(SessionNotOpen):
        await line.gateway.expire_session(CS1)

    assert line.alerts.sent == []


async def test_an_open_session_that_cannot_be_expired_is_an_alert(line: Line) -> None:
    line.stripe.plays(fails(400), says(session_json(status="open")))

    with pytest.raises(PaymentGatewayUnavailable):
        await line.gateway.expire_session(CS1)

    assert line.alerts.codes == ["stripe_answer_unexpected"]


async def test_a_session_that_stripe_does_not_know_is_not_called_closed(
    line: Line,
) -> None:
    line.stripe.plays(fails(404, code="resource_missing"))

    with pytest.raises(PaymentGatewayUnavailable):
        await line.gateway.expire_session(CS1)

    assert line.alerts.codes == ["stripe_configuration_rejected"]


# --- The payment behind a session -------------------------------------------------


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("processing", IntentState.UNDER_WAY),
        ("requires_action", IntentState.UNDER_WAY),
        ("requires_capture", IntentState.UNDER_WAY),
        ("succeeded", IntentState.UNDER_WAY),
        ("requires_payment_method", IntentState.OVER),
        ("canceled", IntentState.OVER),
    ],
)
async def test_only_what_cannot_be_paid_any_more_is_over(
    line: Line, status: str, state: IntentState
) -> None:
    line.stripe.plays(says({"object": "payment_intent", "id": "pi", "status": status}))

    assert await line.gateway.intent_state("pi") is state


def intent(details: object) -> dict[str, Any]:
    charge = {"object": "charge", "id": "ch_1", "payment_method_details": details}
    return {"object": "payment_intent", "id": "pi_1", "latest_charge": charge}


@pytest.mark.parametrize(
    ("details", "method"),
    [
        (
            {"type": "card", "card": {"brand": "visa", "last4": "4242", "exp_year": 1}},
            PaymentMethod(type="card", brand="visa", last4="4242"),
        ),
        ({"type": "card", "card": {}}, PaymentMethod(type="card")),
        (
            {"type": "sepa_debit", "sepa_debit": {"last4": "3000"}},
            PaymentMethod(type="sepa_debit"),
        ),
    ],
    ids=["card", "unknown card", "debit"],
)
async def test_of_a_payment_method_only_a_cards_brand_and_last_digits_are_kept(
    line: Line, details: object, method: PaymentMethod
) -> None:
    line.stripe.plays(says(intent(details)))

    assert await line.gateway.payment_method("pi_1") == method
    assert line.stripe.received[0].form == {"expand[0]": "latest_charge"}


@pytest.mark.parametrize(
    "answer",
    [
        intent(None),
        intent({"type": "card", "card": {"last4": "4242424242424242"}}),
        {"object": "payment_intent", "id": "pi_1", "latest_charge": None},
        {"object": "payment_intent", "id": "pi_1", "latest_charge": "ch_1"},
    ],
    ids=["no details", "a whole number", "no charge", "not expanded"],
)
async def test_a_payment_method_is_never_guessed(
    line: Line, answer: dict[str, Any]
) -> None:
    line.stripe.plays(says(answer))

    with pytest.raises(PaymentGatewayUnavailable):
        await line.gateway.payment_method("pi_1")

    assert line.alerts.codes == ["stripe_answer_unreadable"]
