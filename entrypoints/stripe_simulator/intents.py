"""Payment intents and charges as Stripe shows them."""

from typing import Any

from entrypoints.stripe_simulator.account import Account, JsonObject, new_id
from entrypoints.stripe_simulator.calls import Call
from entrypoints.stripe_simulator.listing import (
    PAGING,
    created_within,
    matching,
    page,
)


def retrieve_intent(account: Account, call: Call) -> JsonObject:
    call.params.only("expand")
    return account.get("payment_intent", call.id, param="intent")


def list_intents(account: Account, call: Call) -> JsonObject:
    call.params.only("created", *PAGING)
    return page(call, created_within(call.params, account.all("payment_intent")))


def retrieve_charge(account: Account, call: Call) -> JsonObject:
    call.params.only("expand")
    return account.get("charge", call.id, param="charge")


def list_charges(account: Account, call: Call) -> JsonObject:
    call.params.only("created", "payment_intent", *PAGING)
    rows = created_within(call.params, account.all("charge"))
    return page(call, matching(call.params, rows, "payment_intent"))


def add_intent(
    account: Account, amount: int, currency: str, data: JsonObject, types: list[str]
) -> JsonObject:
    identifier = new_id("pi_3")
    return account.add(
        {
            "id": identifier,
            "object": "payment_intent",
            "amount": amount,
            "amount_capturable": 0,
            "amount_received": 0,
            "application": None,
            "application_fee_amount": None,
            "automatic_payment_methods": None,
            "canceled_at": None,
            "cancellation_reason": None,
            "capture_method": "automatic_async",
            "client_secret": f"{identifier}_secret_simulated",
            "confirmation_method": "automatic",
            "created": account.clock.now(),
            "currency": currency,
            "customer": None,
            "customer_account": None,
            "description": data.get("description"),
            "last_payment_error": None,
            "latest_charge": None,
            "livemode": False,
            "metadata": dict(data.get("metadata") or {}),
            "next_action": None,
            "on_behalf_of": None,
            "payment_method": None,
            "payment_method_configuration_details": None,
            "payment_method_options": {},
            "payment_method_types": types,
            "processing": None,
            "receipt_email": data.get("receipt_email"),
            "review": None,
            "setup_future_usage": data.get("setup_future_usage"),
            "shipping": data.get("shipping"),
            "statement_descriptor": None,
            "statement_descriptor_suffix": data.get("statement_descriptor_suffix"),
            "status": "requires_payment_method",
            "transfer_data": None,
            "transfer_group": None,
        }
    )


def cancel_intent(account: Account, identifier: str) -> None:
    """Cancel the intent of a session that expired before anyone paid."""
    account.get("payment_intent", identifier).update(
        status="canceled",
        canceled_at=account.clock.now(),
        cancellation_reason="expired",
    )


def add_charge(
    account: Account, intent: JsonObject, method: JsonObject, status: str
) -> JsonObject:
    has_cleared = status == "succeeded"
    charge = account.add(
        {
            "id": new_id("ch_3"),
            "object": "charge",
            "amount": intent["amount"],
            "amount_captured": intent["amount"] if has_cleared else 0,
            "amount_refunded": 0,
            "application": None,
            "application_fee": None,
            "application_fee_amount": None,
            "balance_transaction": None,
            "billing_details": method["billing_details"],
            "calculated_statement_descriptor": "SIMULATED",
            "captured": True,
            "created": account.clock.now(),
            "currency": intent["currency"],
            "customer": None,
            "description": intent["description"],
            "disputed": False,
            "failure_balance_transaction": None,
            "failure_code": None,
            "failure_message": None,
            "fraud_details": {},
            "livemode": False,
            "metadata": dict(intent["metadata"]),
            "on_behalf_of": None,
            "outcome": None,
            "paid": has_cleared,
            "payment_intent": intent["id"],
            "payment_method": method["id"],
            "payment_method_details": _details(method),
            "receipt_email": intent["receipt_email"],
            "receipt_number": None,
            "receipt_url": None,
            "refunded": False,
            "review": None,
            "shipping": intent["shipping"],
            "source_transfer": None,
            "statement_descriptor": None,
            "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
            "status": status,
            "transfer_data": None,
            "transfer_group": None,
        }
    )
    intent.update(latest_charge=charge["id"], payment_method=method["id"])
    return charge


def _details(method: JsonObject) -> JsonObject:
    """Describe how it was paid: of a card only what a receipt may show."""
    kind = method["type"]
    details: dict[str, Any] = method[kind]
    if kind == "card":
        shown = ("brand", "checks", "country", "exp_month", "exp_year", "funding")
        details = {name: details[name] for name in (*shown, "last4")}
        details.update(installments=None, mandate=None, network=details["brand"])
        details.update(three_d_secure=None, wallet=None)
    elif kind == "sepa_debit":
        hidden = {"generated_from"}
        details = {name: details[name] for name in details if name not in hidden}
        details["mandate"] = None
    return {"type": kind, kind: details}
