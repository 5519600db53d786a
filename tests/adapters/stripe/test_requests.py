"""How the request that opens a session is worded."""

from datetime import timedelta
from typing import Any

import pytest

from adapters.stripe.gateway import StripePaymentGateway
from domain.checkout import CheckoutRequest
from entrypoints.simulation.outside.alerts import RecordingAlerts
from entrypoints.simulation.outside.clock import ManualClock
from tests.adapters.stripe.conftest import Line
from tests.adapters.stripe.objects import EPOCH_NOON, NOON
from tests.adapters.stripe.wordings import compose, quote


def line_item(request: CheckoutRequest) -> dict[str, Any]:
    items = request.parameters["line_items"]
    assert isinstance(items, list)
    item: dict[str, Any] = items[0]
    return item


def test_a_request_says_all_that_stripe_must_know(line: Line) -> None:
    request = compose(line.gateway)

    marks = {"app": "spothold", "environment": "test", "purchase_id": "p-1"}
    assert request.parameters == {
        "mode": "payment",
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": "eur",
                    "unit_amount": 15000,
                    "product_data": {"name": "Choir"},
                },
            }
        ],
        "client_reference_id": "p-1",
        "metadata": marks,
        "payment_intent_data": {"metadata": marks},
        "customer_email": "ada@example.org",
        "expires_at": EPOCH_NOON + 2100,
        "success_url": "https://shop.example/purchase/success?session_id={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://shop.example/purchase/cancel?purchase_id=p-1",
        "adaptive_pricing": {"enabled": False},
    }
    assert request.expires_at == NOON + timedelta(minutes=35)


def test_the_buyer_sees_what_was_taken_off(line: Line) -> None:
    item = line_item(compose(line.gateway, of=quote(rep=20_00, early=30_50)))

    assert item["price_data"]["unit_amount"] == 99_50
    assert item["price_data"]["product_data"]["description"] == (
        "Full price EUR 150.00, class representative -EUR 20.00, early bird -EUR 30.50"
    )


def test_yen_have_no_decimals(line: Line) -> None:
    item = line_item(compose(line.gateway, of=quote("jpy", early=1_000)))

    assert item["price_data"]["product_data"]["description"] == (
        "Full price JPY 15000, early bird -JPY 1000"
    )


def test_a_long_title_is_cut(line: Line) -> None:
    item = line_item(compose(line.gateway, title="x" * 300))

    assert item["price_data"]["product_data"]["name"] == "x" * 249 + "…"


@pytest.mark.parametrize(
    ("success_url", "cancel_url"),
    [
        ("https://shop.example/ok", "https://shop.example/no?p={PURCHASE_ID}"),
        ("https://shop.example/ok?s={CHECKOUT_SESSION_ID}", "https://shop.example/no"),
    ],
    ids=["success", "cancel"],
)
def test_a_way_back_that_forgets_the_purchase_is_refused(
    success_url: str, cancel_url: str
) -> None:
    with pytest.raises(ValueError, match="lacks"):
        StripePaymentGateway(
            "sk_test_x",
            clock=ManualClock(),
            alerts=RecordingAlerts(),
            environment="test",
            success_url=success_url,
            cancel_url=cancel_url,
        )
