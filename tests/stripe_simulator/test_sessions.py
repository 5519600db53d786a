import stripe

from tests.servers.stripe_simulator import RunningSimulator
from tests.stripe_simulator.checkouts import open_checkout


async def test_a_session_opens_with_what_it_was_given(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    session = await open_checkout(client)

    assert session.id.startswith("cs_test_")
    assert (session.status, session.payment_status) == ("open", "unpaid")
    assert (session.amount_total, session.currency) == (2500, "usd")
    assert session.client_reference_id == "purchase-1"
    assert session.to_dict()["metadata"] == {"purchase_id": "purchase-1"}
    assert session.payment_intent is None
    assert session.url == f"{simulator.url}/c/pay/{session.id}"


async def test_a_click_pays(
    client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    session = await open_checkout(client)

    status, target = await simulator.press(session.id, "pay")

    assert status == 303
    assert target == f"https://shop.example/ok?sid={session.id}"
    paid = await client.v1.checkout.sessions.retrieve_async(session.id)
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
