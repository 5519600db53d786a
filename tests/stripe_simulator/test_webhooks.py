import asyncio
import json
import time

import pytest
import stripe

from entrypoints.stripe_simulator.webhooks import REORDER_WINDOW
from tests.servers.stripe_simulator import (
    WEBHOOK_SECRET,
    RunningSimulator,
    stripe_simulator,
)
from tests.servers.webhook_receiver import Receiver
from tests.stripe_simulator.checkouts import open_checkout
from tests.waiting import eventually

PAID = ["charge.succeeded", "payment_intent.succeeded", "checkout.session.completed"]


async def test_an_event_verifies_with_the_sdk_and_with_no_other_secret(
    client: stripe.StripeClient, simulator: RunningSimulator, receiver: Receiver
) -> None:
    session = await open_checkout(client)
    await client.v1.checkout.sessions.expire_async(session.id)
    await simulator.flush()
    [body], [signature] = receiver.bodies, receiver.signatures

    event = client.construct_event(body, signature, WEBHOOK_SECRET)

    assert event.type == "checkout.session.expired"
    assert (event.livemode, event.api_version) == (False, "2026-10-28.endive")
    assert event.data.object["id"] == session.id
    for forged in (body.replace("expired", "complete"), body + " "):
        with pytest.raises(stripe.SignatureVerificationError):
            client.construct_event(forged, signature, WEBHOOK_SECRET)
    with pytest.raises(stripe.SignatureVerificationError):
        client.construct_event(body, signature, "whsec_other")


async def test_an_event_shows_the_object_as_it_was(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    session = await open_checkout(client)
    await simulator.press(session.id, "pay-later")
    await simulator.settle(session.id, "paid")

    events = await client.v1.events.list_async({"type": "checkout.session.*"})

    shown = [event.to_dict()["data"]["object"] for event in events.data[::-1]]
    assert [row["payment_status"] for row in shown] == ["unpaid", "paid"]
    assert [row["status"] for row in shown] == ["complete", "complete"]


async def test_an_event_names_the_request_that_caused_it(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    session = await open_checkout(client)
    path = f"/v1/checkout/sessions/{session.id}/expire"
    _, _, headers = await simulator.call("POST", path, Idempotency_Key="x:1")

    [event] = (await client.v1.events.list_async()).data

    assert event.to_dict()["request"] == {
        "id": headers["Request-Id"],
        "idempotency_key": "x:1",
    }


async def test_a_failing_endpoint_is_told_again_with_a_new_signature(
    client: stripe.StripeClient, simulator: RunningSimulator, receiver: Receiver
) -> None:
    receiver.answers = [500, 302]
    session = await open_checkout(client)
    await client.v1.checkout.sessions.expire_async(session.id)

    deliveries = await simulator.flush()

    assert [delivery["status"] for delivery in deliveries] == [500, 302, 200]
    assert [delivery["attempt"] for delivery in deliveries] == [1, 2, 3]
    assert len({event["id"] for event in receiver.events}) == 1
    [event] = (await client.v1.events.list_async()).data
    assert event.pending_webhooks == 0


async def test_what_is_never_taken_stays_pending_and_can_be_sent_by_hand(
    client: stripe.StripeClient, simulator: RunningSimulator, receiver: Receiver
) -> None:
    receiver.answers = [500] * 5
    session = await open_checkout(client)
    await client.v1.checkout.sessions.expire_async(session.id)
    await simulator.flush()
    [event] = (await client.v1.events.list_async({"delivery_success": False})).data
    assert (event.pending_webhooks, len(receiver.bodies)) == (1, 5)

    await simulator.control("POST", f"/events/{event.id}/send")
    await simulator.flush()

    [event] = (await client.v1.events.list_async({"delivery_success": True})).data
    assert event.pending_webhooks == 0


async def test_an_endpoint_that_is_away_is_an_attempt_that_failed(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    await simulator.webhooks(url="http://127.0.0.1:9/webhook")
    session = await open_checkout(client)
    await client.v1.checkout.sessions.expire_async(session.id)

    deliveries = await simulator.flush()

    assert len(deliveries) == 5
    assert all("ClientConnector" in delivery["error"] for delivery in deliveries)


async def test_duplicates_are_the_same_event(
    client: stripe.StripeClient, simulator: RunningSimulator, receiver: Receiver
) -> None:
    await simulator.webhooks(duplicates=2)
    session = await open_checkout(client)
    await client.v1.checkout.sessions.expire_async(session.id)

    await simulator.flush()

    assert len(receiver.events) == 3
    assert len({event["id"] for event in receiver.events}) == 1


async def test_reordered_events_come_last_first(
    client: stripe.StripeClient, simulator: RunningSimulator, receiver: Receiver
) -> None:
    await simulator.webhooks(reorder=True)
    session = await open_checkout(client)
    await simulator.press(session.id, "pay")

    await simulator.flush()

    assert receiver.types == PAID[::-1]


async def test_reordered_events_come_though_nobody_flushes(
    client: stripe.StripeClient, simulator: RunningSimulator, receiver: Receiver
) -> None:
    await simulator.webhooks(reorder=True)
    session = await open_checkout(client)
    await simulator.press(session.id, "pay")

    async def all_came() -> bool:
        return len(receiver.types) == 3

    await eventually(all_came)
    assert receiver.types == PAID[::-1]


async def test_a_pause_outlasts_the_wait_for_reordering(
    client: stripe.StripeClient, simulator: RunningSimulator, receiver: Receiver
) -> None:
    await simulator.webhooks(reorder=True)
    session = await open_checkout(client)
    await simulator.press(session.id, "pay")
    await simulator.webhooks(paused=True)
    loop = asyncio.get_running_loop()
    end = loop.time() + 2 * REORDER_WINDOW

    async def is_over() -> bool:
        return loop.time() > end

    await eventually(is_over)
    assert receiver.types == []


async def test_paused_events_wait_for_a_flush(
    client: stripe.StripeClient, simulator: RunningSimulator, receiver: Receiver
) -> None:
    await simulator.webhooks(paused=True)
    session = await open_checkout(client)
    await simulator.press(session.id, "pay")
    held = (await simulator.control("GET", "/webhooks"))["held"]
    assert (len(held), receiver.types) == (3, [])

    await simulator.flush()

    assert receiver.types == PAID


async def test_events_held_by_a_pause_come_when_it_ends(
    client: stripe.StripeClient, simulator: RunningSimulator, receiver: Receiver
) -> None:
    await simulator.webhooks(paused=True)
    session = await open_checkout(client)
    await simulator.press(session.id, "pay")

    await simulator.webhooks(paused=False)

    await simulator.flush()
    assert receiver.types == PAID


async def test_an_endpoint_that_failed_is_pending_whatever_another_took(
    client: stripe.StripeClient, simulator: RunningSimulator, receiver: Receiver
) -> None:
    urls = [receiver.url, "http://127.0.0.1:9/webhook"]
    await simulator.webhooks(urls=urls, duplicates=1)
    session = await open_checkout(client)
    await client.v1.checkout.sessions.expire_async(session.id)

    await simulator.flush()

    [event] = (await client.v1.events.list_async()).data
    assert event.pending_webhooks == 1


async def test_a_secret_can_be_rolled(
    client: stripe.StripeClient, simulator: RunningSimulator, receiver: Receiver
) -> None:
    await simulator.webhooks(secret="whsec_rolled")
    session = await open_checkout(client)
    await client.v1.checkout.sessions.expire_async(session.id)
    await simulator.flush()

    [body], [signature] = receiver.bodies, receiver.signatures

    event = client.construct_event(body, signature, "whsec_rolled")
    assert event.data.object["id"] == session.id


async def test_events_are_signed_by_the_real_clock(
    client: stripe.StripeClient, simulator: RunningSimulator, receiver: Receiver
) -> None:
    await simulator.advance(-7 * 86400)
    session = await open_checkout(client)
    await client.v1.checkout.sessions.expire_async(session.id)
    await simulator.flush()

    [body], [signature] = receiver.bodies, receiver.signatures

    event = client.construct_event(body, signature, WEBHOOK_SECRET)
    assert event.data.object["id"] == session.id
    assert json.loads(body)["created"] < time.time() - 6 * 86400


async def test_every_endpoint_is_told(receiver: Receiver) -> None:
    urls = [receiver.url, f"{receiver.url}?second"]
    async with stripe_simulator(webhook_urls=urls) as simulator:
        form = "amount=100&currency=usd&confirm=true&payment_method=pm_card_visa"
        await simulator.call("POST", "/v1/payment_intents", form)
        deliveries = await simulator.flush()

    assert {delivery["url"] for delivery in deliveries} == set(urls)
    assert len(receiver.types) == 4


async def test_a_simulator_stops_while_an_endpoint_keeps_failing(
    receiver: Receiver,
) -> None:
    receiver.answers = [500] * 100
    async with stripe_simulator(
        webhook_urls=[receiver.url], retry_delays=(3600.0,)
    ) as simulator:
        form = "amount=100&currency=usd&confirm=true&payment_method=pm_card_visa"
        await simulator.call("POST", "/v1/payment_intents", form)

        async def has_failed_once() -> bool:
            return len(receiver.bodies) == 2

        await eventually(has_failed_once)
