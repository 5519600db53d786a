"""Stripe's own command drives the simulator: its authors knew nothing of us."""

import json
from pathlib import Path

import pytest
import stripe

from tests.servers.stripe_cli import StripeCommand
from tests.servers.stripe_simulator import (
    WEBHOOK_SECRET,
    RunningSimulator,
    stripe_simulator,
)
from tests.servers.webhook_receiver import Receiver
from tests.stripe_simulator.checkouts import open_checkout
from tests.waiting import eventually

pytestmark = pytest.mark.stripe_cli


@pytest.fixture
def command(simulator: RunningSimulator, tmp_path: Path) -> StripeCommand:
    return StripeCommand(simulator.url, tmp_path)


@pytest.mark.parametrize(
    "event",
    [
        "checkout.session.completed",
        "checkout.session.expired",
        "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed",
        "charge.refunded",
        "charge.dispute.created",
        "charge.refund.updated",
    ],
)
async def test_a_trigger_makes_its_event_happen(
    command: StripeCommand, receiver: Receiver, event: str
) -> None:
    said = await command.run("trigger", event)

    async def has_come() -> bool:
        return event in receiver.types

    assert "Trigger succeeded!" in said
    await eventually(has_come)


async def test_a_trigger_takes_overrides(
    client: stripe.StripeClient, command: StripeCommand
) -> None:
    await command.run(
        "trigger",
        "checkout.session.completed",
        "--override",
        "checkout_session:client_reference_id=purchase-43",
        "--add",
        "checkout_session:metadata.purchase_id=purchase-43",
    )

    [session] = (await client.v1.checkout.sessions.list_async()).data
    assert session.client_reference_id == "purchase-43"
    assert session.to_dict()["metadata"] == {"purchase_id": "purchase-43"}
    assert (session.payment_status, session.amount_total) == ("paid", 3000)


async def test_a_fixture_pays_a_session_that_the_sdk_opened(
    client: stripe.StripeClient, command: StripeCommand, tmp_path: Path
) -> None:
    session = await open_checkout(client)
    steps = [
        {
            "name": "pm",
            "path": "/v1/payment_methods",
            "method": "post",
            "params": {"type": "card", "card": {"token": "tok_visa"}},
        },
        {
            "name": "pay",
            "path": f"/v1/payment_pages/{session.id}/confirm",
            "method": "post",
            "params": {"payment_method": "${pm:id}", "expected_amount": 2500},
        },
    ]
    fixture = {"_meta": {"template_version": 0}, "fixtures": steps}
    path = tmp_path / "pay.json"
    path.write_text(json.dumps(fixture))

    await command.run("fixtures", str(path))

    paid = await client.v1.checkout.sessions.retrieve_async(session.id)
    assert (paid.status, paid.payment_status) == ("complete", "paid")


async def test_sessions_are_listed(
    client: stripe.StripeClient, command: StripeCommand
) -> None:
    session = await open_checkout(client)

    said = await command.run("checkout", "sessions", "list")

    assert session.id in said


async def test_an_event_is_sent_again(
    client: stripe.StripeClient,
    simulator: RunningSimulator,
    command: StripeCommand,
    receiver: Receiver,
) -> None:
    session = await open_checkout(client)
    await client.v1.checkout.sessions.expire_async(session.id)
    await simulator.flush()

    await command.run("events", "resend", receiver.events[0]["id"])

    await simulator.flush()
    assert len(receiver.events) == 2
    assert len({event["id"] for event in receiver.events}) == 1


async def test_listen_forwards_events_that_verify(
    receiver: Receiver, tmp_path: Path
) -> None:
    """Only the command knows the receiver here, so what arrives came through it."""
    async with stripe_simulator() as simulator:
        command = StripeCommand(simulator.url, tmp_path)
        async with command.listening(receiver.url):
            form = "amount=100&currency=usd&confirm=true&payment_method=pm_card_visa"
            await simulator.call("POST", "/v1/payment_intents", form)
            await simulator.flush()
            _, listed, _ = await simulator.call("GET", "/v1/events")

    assert sorted(receiver.types) == ["charge.succeeded", "payment_intent.succeeded"]
    assert [event["pending_webhooks"] for event in listed["data"]] == [0, 0]
    for body, header in zip(receiver.bodies, receiver.signatures, strict=True):
        assert stripe.WebhookSignature.verify_header(body, header, WEBHOOK_SECRET)


async def test_listen_says_when_the_endpoint_behind_it_fails(
    receiver: Receiver, tmp_path: Path
) -> None:
    receiver.answers = [500, 500]
    async with stripe_simulator() as simulator:
        command = StripeCommand(simulator.url, tmp_path)
        async with command.listening(receiver.url):
            form = "amount=100&currency=usd&confirm=true&payment_method=pm_card_visa"
            await simulator.call("POST", "/v1/payment_intents", form)
            await simulator.flush()
            _, listed, _ = await simulator.call("GET", "/v1/events")

    assert [event["pending_webhooks"] for event in listed["data"]] == [1, 1]


async def test_listen_prints_the_secret(command: StripeCommand) -> None:
    said = await command.run("listen", "--print-secret", "--all-snapshot")

    assert WEBHOOK_SECRET in said
