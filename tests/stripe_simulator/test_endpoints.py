"""What `spothold doctor` asks: the balance, and who is told of what."""

import stripe

from tests.servers.stripe_simulator import RunningSimulator
from tests.servers.webhook_receiver import Receiver
from tests.stripe_simulator.checkouts import open_checkout


async def test_the_endpoint_is_listed_without_its_secret(
    client: stripe.StripeClient, receiver: Receiver
) -> None:
    [endpoint] = (await client.v1.webhook_endpoints.list_async()).data

    assert (endpoint.url, endpoint.status) == (receiver.url, "enabled")
    assert (endpoint.enabled_events, endpoint.livemode) == (["*"], False)
    assert "secret" not in endpoint.to_dict()


async def test_an_endpoint_hears_what_it_asked_for(
    client: stripe.StripeClient, simulator: RunningSimulator, receiver: Receiver
) -> None:
    await simulator.webhooks(enabled_events=["checkout.session.expired"])
    paid, expired = await open_checkout(client), await open_checkout(client)
    await simulator.press(paid.id, "pay")
    await client.v1.checkout.sessions.expire_async(expired.id)
    await simulator.webhooks(status="disabled")
    await client.v1.checkout.sessions.expire_async((await open_checkout(client)).id)
    await simulator.flush()

    assert receiver.types == ["checkout.session.expired"]


async def test_the_balance_is_what_was_booked(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    assert (await client.v1.balance.retrieve_async()).available == []

    await simulator.press((await open_checkout(client)).id, "pay")

    booked = (await client.v1.balance_transactions.list_async()).data
    [available] = (await client.v1.balance.retrieve_async()).available
    assert available.amount == sum(row.net for row in booked) > 0


async def test_a_restricted_key_of_a_test_will_do(simulator: RunningSimulator) -> None:
    authorization = "Bearer rk_test_spothold"
    path = "/v1/balance"

    status, _, _ = await simulator.call("GET", path, Authorization=authorization)

    assert status == 200
