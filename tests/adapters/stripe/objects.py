"""Stripe's objects as it writes them, with just the fields that its spec requires."""

import json
from datetime import UTC, datetime
from typing import Any, Final

NOON: Final = datetime(2026, 3, 2, 12, tzinfo=UTC)
EPOCH_NOON: Final = int(NOON.timestamp())
METADATA: Final = {"app": "spothold", "environment": "test", "purchase_id": "p-1"}


def session_json(**changes: Any) -> dict[str, Any]:
    return {
        "id": "cs_test_1",
        "object": "checkout.session",
        "status": "open",
        "payment_status": "unpaid",
        "mode": "payment",
        "amount_total": 1500,
        "currency": "eur",
        "livemode": False,
        "created": EPOCH_NOON,
        "expires_at": EPOCH_NOON + 2100,
        "url": "https://checkout.stripe.com/c/pay/cs_test_1",
        "payment_intent": None,
        "client_reference_id": "p-1",
        "metadata": dict(METADATA),
        "customer_details": None,
    } | changes


def paid_session_json(**changes: Any) -> dict[str, Any]:
    address = {"country": "GB", "city": "London", "line1": "1 Mill Road"}
    payer = {"name": "Ada", "email": "ada@example.org", "address": address}
    paid = session_json(
        status="complete",
        payment_status="paid",
        url=None,
        payment_intent="pi_1",
        customer_details=payer,
    )
    return paid | changes


def event_json(**changes: Any) -> dict[str, Any]:
    return {
        "id": "evt_1",
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": EPOCH_NOON,
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": "checkout.session.completed",
        "data": {"object": paid_session_json()},
    } | changes


def session_event(type_name: str = "checkout.session.completed", **facts: Any) -> bytes:
    """Write an event about a paid session, some of whose fields are different."""
    event = event_json(type=type_name, data={"object": paid_session_json(**facts)})
    return json.dumps(event).encode()


def refund_json(**changes: Any) -> dict[str, Any]:
    return {
        "id": "re_1",
        "object": "refund",
        "amount": 900,
        "charge": "ch_1",
        "created": EPOCH_NOON,
        "currency": "eur",
        "metadata": {**METADATA, "row_id": "r-1"},
        "payment_intent": "pi_1",
        "status": "succeeded",
    } | changes


def dispute_json(**changes: Any) -> dict[str, Any]:
    return {
        "id": "dp_1",
        "object": "dispute",
        "amount": 1500,
        "charge": "ch_1",
        "created": EPOCH_NOON,
        "currency": "eur",
        "metadata": {},
        "payment_intent": "pi_1",
        "status": "needs_response",
    } | changes


def charge_json(**changes: Any) -> dict[str, Any]:
    return {
        "id": "ch_1",
        "object": "charge",
        "amount": 1500,
        "amount_refunded": 900,
        "created": EPOCH_NOON,
        "currency": "eur",
        "metadata": dict(METADATA),
        "payment_intent": "pi_1",
        "refunded": False,
    } | changes
