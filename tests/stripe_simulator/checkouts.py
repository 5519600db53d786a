"""A checkout as the service would open it."""

from typing import Any

import stripe
from stripe.checkout import Session

PROGRAM_CHOIR: dict[str, Any] = {
    "mode": "payment",
    "client_reference_id": "purchase-1",
    "customer_email": "ada@example.org",
    "line_items": [
        {
            "quantity": 2,
            "price_data": {
                "currency": "usd",
                "unit_amount": 1250,
                "product_data": {"name": "Choir"},
            },
        }
    ],
    "metadata": {"purchase_id": "purchase-1"},
    "payment_intent_data": {"metadata": {"purchase_id": "purchase-1"}},
    "success_url": "https://shop.example/ok?sid={CHECKOUT_SESSION_ID}",
    "cancel_url": "https://shop.example/back",
}


async def open_checkout(
    client: stripe.StripeClient, *, key: str | None = None, **changes: Any
) -> Session:
    params = {**PROGRAM_CHOIR, **changes}
    given = {name: value for name, value in params.items() if value is not None}
    options: Any = {"idempotency_key": key} if key else {}
    sent: Any = given
    return await client.v1.checkout.sessions.create_async(sent, options)
