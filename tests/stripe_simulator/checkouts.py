"""Checkouts as the service would open them, and how they go on."""

from typing import Any

import stripe
from stripe.checkout import Session

from tests.servers.stripe_simulator import RunningSimulator

SESSIONS = "/v1/checkout/sessions"


def one_item(amount: int, currency: str, name: str = "Choir") -> list[dict[str, Any]]:
    product = {"name": name}
    price = {"currency": currency, "unit_amount": amount, "product_data": product}
    return [{"quantity": 1, "price_data": price}]


PROGRAM_CHOIR: dict[str, Any] = {
    "mode": "payment",
    "client_reference_id": "purchase-1",
    "customer_email": "ada@example.org",
    "line_items": [{**one_item(1250, "usd")[0], "quantity": 2}],
    "metadata": {"purchase_id": "purchase-1"},
    "payment_intent_data": {"metadata": {"purchase_id": "purchase-1"}},
    "success_url": "https://shop.example/ok?sid={CHECKOUT_SESSION_ID}",
    "cancel_url": "https://shop.example/back",
}


async def open_checkout(
    client: stripe.StripeClient, *, key: str | None = None, **changes: Any
) -> Session:
    """Open a checkout; a change to None leaves the parameter out."""
    params = {**PROGRAM_CHOIR, **changes}
    sent: Any = {name: value for name, value in params.items() if value is not None}
    options: Any = {"idempotency_key": key} if key else {}
    return await client.v1.checkout.sessions.create_async(sent, options)


async def paid_intent(
    client: stripe.StripeClient, simulator: RunningSimulator, amount: int = 2500
) -> str:
    """Return the payment intent of a checkout that was paid on its page."""
    session = await open_checkout(client, line_items=one_item(amount, "usd"))
    await simulator.press(session.id, "pay")
    session = await client.v1.checkout.sessions.retrieve_async(session.id)
    return str(session.payment_intent)
