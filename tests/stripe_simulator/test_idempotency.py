import asyncio

import pytest
import stripe

from tests.servers.stripe_simulator import RunningSimulator
from tests.stripe_simulator.checkouts import (
    SESSIONS,
    one_item,
    open_checkout,
    paid_intent,
)
from tests.stripe_simulator.refusing import refused
from tests.waiting import eventually

CREATE = f"POST {SESSIONS}"


async def test_the_same_key_gets_the_same_answer(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    first = await open_checkout(client, key="co:1")
    again = await open_checkout(client, key="co:1")

    assert again.to_dict() == first.to_dict()
    assert len((await client.v1.checkout.sessions.list_async()).data) == 1
    answered = again.last_response
    assert answered is not None
    assert answered.headers["Idempotent-Replayed"] == "true"
    assert answered.headers["Idempotency-Key"] == "co:1"
    assert [entry["is_replayed"] for entry in await simulator.requests()][:2] == [
        False,
        True,
    ]


async def test_an_answer_is_replayed_as_it_was(client: stripe.StripeClient) -> None:
    session = await open_checkout(client, key="co:1")
    await client.v1.checkout.sessions.expire_async(session.id)

    replayed = await open_checkout(client, key="co:1")

    assert (replayed.id, replayed.status) == (session.id, "open")


async def test_another_key_is_another_request(client: stripe.StripeClient) -> None:
    first = await open_checkout(client, key="co:1")
    second = await open_checkout(client, key="co:2")

    assert first.id != second.id


async def test_a_key_belongs_to_its_parameters(client: stripe.StripeClient) -> None:
    await open_checkout(client, key="co:1")

    with refused(stripe.IdempotencyError) as refusal:
        await open_checkout(client, key="co:1", client_reference_id="other")

    assert (refusal.status, refusal.kind) == (400, "idempotency_error")
    assert "Try using a key other than 'co:1'" in refusal.message


async def test_a_key_belongs_to_its_path(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    one, two = await open_checkout(client), await open_checkout(client)

    for_one, _, _ = await simulator.call(
        "POST", f"{SESSIONS}/{one.id}/expire", Idempotency_Key="k"
    )
    for_two, _, _ = await simulator.call(
        "POST", f"{SESSIONS}/{two.id}/expire", Idempotency_Key="k"
    )

    assert (for_one, for_two) == (200, 400)


async def test_a_key_belongs_to_its_api_key(simulator: RunningSimulator) -> None:
    form = "name=Choir"
    calls = [
        await simulator.call(
            "POST",
            "/v1/products",
            form,
            Authorization=f"Bearer {api_key}",
            Idempotency_Key="k",
        )
        for api_key in ("sk_test_ada", "sk_test_grace", "sk_test_ada")
    ]

    ada, grace, ada_again = [answer["id"] for _, answer, _ in calls]
    assert ada != grace
    assert ada == ada_again


async def test_an_error_of_the_operation_is_replayed(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    intent = await paid_intent(client, simulator)
    too_much: stripe.params.RefundCreateParams = {
        "payment_intent": intent,
        "amount": 9999,
    }

    for _ in range(2):
        with refused(stripe.InvalidRequestError):
            await client.v1.refunds.create_async(too_much, {"idempotency_key": "rf:1"})

    entries = (await simulator.requests())[-2:]
    assert [entry["operation"] for entry in entries] == ["/v1/refunds"] * 2
    assert [entry["is_replayed"] for entry in entries] == [False, True]


async def test_a_refused_parameter_is_not_kept(client: stripe.StripeClient) -> None:
    with refused():
        await open_checkout(client, key="co:1", customer_email="ada")

    session = await open_checkout(client, key="co:1")

    assert session.status == "open"


async def test_too_little_money_is_kept(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    for _ in range(2):
        with refused():
            await open_checkout(client, key="co:1", line_items=one_item(1, "usd"))

    assert [entry["is_replayed"] for entry in await simulator.requests()] == [
        False,
        True,
    ]


@pytest.mark.parametrize("has_effect", [False, True])
async def test_a_saved_500_is_replayed_for_ever(
    client: stripe.StripeClient, simulator: RunningSimulator, *, has_effect: bool
) -> None:
    await simulator.fault("status", status=500, is_saved=True, has_effect=has_effect)

    for _ in range(3):
        with refused(stripe.APIError) as refusal:
            await open_checkout(client, key="co:1")
        assert refusal.status == 500

    opened = await client.v1.checkout.sessions.list_async()
    assert len(opened.data) == (1 if has_effect else 0)


async def test_a_500_before_the_operation_is_forgotten(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    await simulator.fault("status", status=500)
    with refused(stripe.APIError):
        await open_checkout(client, key="co:1")

    session = await open_checkout(client, key="co:1")

    assert session.status == "open"


async def test_a_key_in_flight_is_refused_and_the_first_call_goes_on(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    await simulator.fault("delay", seconds=1.0, path=SESSIONS)
    first = asyncio.create_task(open_checkout(client, key="co:1"))

    async def has_arrived() -> bool:
        return await simulator.count(CREATE) == 1

    await eventually(has_arrived)
    with refused(stripe.APIError) as refusal:
        await open_checkout(client, key="co:1")

    assert (refusal.status, refusal.code) == (409, "idempotency_key_in_use")
    session = await first
    assert (await open_checkout(client, key="co:1")).id == session.id


async def test_a_key_is_forgotten_after_a_day(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    first = await open_checkout(client, key="co:1")
    await simulator.advance(24 * 3600 - 60)
    replayed = await open_checkout(client, key="co:1")
    await simulator.advance(120)
    anew = await open_checkout(client, key="co:1")

    assert replayed.id == first.id
    assert anew.id != first.id


async def test_a_key_has_at_most_255_characters(client: stripe.StripeClient) -> None:
    await open_checkout(client, key="k" * 255)
    with refused(stripe.IdempotencyError):
        await open_checkout(client, key="k" * 256)
