"""The check itself is checked: a contract that lets everything pass proves nothing."""

import copy
from dataclasses import replace

import pytest
import stripe

from entrypoints.stripe_simulator.account import JsonObject
from entrypoints.stripe_simulator.exchanges import Exchange
from tests.requirements import require_tool
from tests.servers.stripe_contract import (
    WHEEL,
    Description,
    StripeContract,
    stripe_description,
)
from tests.servers.stripe_simulator import RunningSimulator
from tests.stripe_simulator.checkouts import SESSIONS, open_checkout


@pytest.fixture
def description() -> Description:
    require_tool(WHEEL, fetch=".ci/fetch-stripe-openapi")
    return stripe_description()


@pytest.fixture
async def creation(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> Exchange:
    """What was exchanged when a session was opened."""
    await open_checkout(client)
    [entry] = await simulator.requests()
    session = (await client.v1.checkout.sessions.list_async()).data[0]
    return Exchange(
        method="POST",
        path=SESSIONS,
        operation=SESSIONS,
        version="2026-10-28.endive",
        params=entry["params"],
        status=200,
        answer=session.to_dict(),
    )


def violations(description: Description, exchange: Exchange) -> list[str]:
    contract = StripeContract(description)
    contract.exchange(exchange)
    return contract.violations


async def test_what_the_simulator_does_is_seen(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    require_tool(WHEEL, fetch=".ci/fetch-stripe-openapi")
    await open_checkout(client)

    assert simulator.contract is not None
    assert simulator.contract.exchanges == 1


def test_an_ordinary_exchange_keeps_the_contract(
    creation: Exchange, description: Description
) -> None:
    assert violations(description, creation) == []


@pytest.mark.parametrize(
    "change",
    [
        {"tip": "1"},
        {"mode": "gift"},
        {"client_reference_id": "x" * 201},
        {"payment_method_types": ["card"]},
        {"line_items": [{"quantity": "two"}]},
        {"line_items": [{"price_data": {"unit_amount": "900"}}]},
    ],
)
def test_a_request_that_stripe_does_not_describe_breaks_it(
    creation: Exchange, description: Description, change: JsonObject
) -> None:
    odd = replace(creation, params={**creation.params, **change})

    assert any("request" in line for line in violations(description, odd))


@pytest.mark.parametrize(
    "change",
    [
        {"invented": None},
        {"total_details": {"amount_discount": 0, "amount_tax": 0, "invented": 1}},
        {"status": "paused"},
        {"amount_total": "25.00"},
        {"url": 7},
    ],
)
def test_an_answer_that_stripe_does_not_describe_breaks_it(
    creation: Exchange, description: Description, change: JsonObject
) -> None:
    odd = replace(creation, answer={**creation.answer, **change})

    assert any("answer" in line for line in violations(description, odd))


def test_a_field_that_stripe_promises_may_not_be_missing(
    creation: Exchange, description: Description
) -> None:
    answer = {name: creation.answer[name] for name in creation.answer if name != "mode"}

    assert violations(description, replace(creation, answer=answer)) != []


def test_an_old_caller_may_use_the_old_name(
    creation: Exchange, description: Description
) -> None:
    params = {**creation.params, "payment_method_types": ["card"]}

    assert violations(description, replace(creation, params=params, version=None)) == []


def test_an_error_has_stripes_shape(
    creation: Exchange, description: Description
) -> None:
    error: JsonObject = {"error": {"type": "card_error", "message": "No."}}
    refusal = replace(creation, status=402, answer=error)
    odd = copy.deepcopy(error)
    odd["error"]["reason"] = "because"

    assert violations(description, refusal) == []
    assert violations(description, replace(refusal, answer=odd)) != []


def test_an_event_and_what_it_is_about_are_checked(
    creation: Exchange, description: Description
) -> None:
    event: JsonObject = {
        "id": "evt_1",
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": 1,
        "data": {"object": creation.answer},
        "livemode": False,
        "pending_webhooks": 0,
        "request": None,
        "type": "checkout.session.completed",
    }
    contract = StripeContract(description)
    contract.event(event)
    assert contract.violations == []

    contract.event({**event, "urgent": True})
    contract.event({**event, "data": {"object": {**creation.answer, "invented": 1}}})

    assert len(contract.violations) == 2
