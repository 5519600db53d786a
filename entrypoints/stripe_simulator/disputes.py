"""A bank takes the money back, whatever the merchant thinks of it."""

from entrypoints.stripe_simulator.account import Account, JsonObject, new_id
from entrypoints.stripe_simulator.balance import book_dispute, book_dispute_reversal
from entrypoints.stripe_simulator.calls import NOBODY, Call
from entrypoints.stripe_simulator.listing import (
    PAGING,
    created_within,
    matching,
    page,
)
from entrypoints.stripe_simulator.refusals import Refusal

EVIDENCE_FIELDS = (
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
    "uncategorized_text",
)
REFUNDABLE = "warning_needs_response"


def retrieve_dispute(account: Account, call: Call) -> JsonObject:
    call.params.only("expand")
    return account.get("dispute", call.id, param="dispute")


def list_disputes(account: Account, call: Call) -> JsonObject:
    call.params.only("created", "charge", "payment_intent", *PAGING)
    rows = created_within(call.params, account.all("dispute"))
    return page(call, matching(call.params, rows, "charge", "payment_intent"))


def open_dispute(
    account: Account,
    charge: JsonObject,
    *,
    amount: int | None = None,
    reason: str = "fraudulent",
    status: str = "needs_response",
) -> JsonObject:
    """Take money back; only an inquiry (`warning_…`) still lets a refund through."""
    if charge["disputed"]:
        raise Refusal(f"Charge {charge['id']} is disputed already.")
    charge["disputed"] = True
    dispute = _shape(account, charge, amount or charge["amount"], reason)
    dispute.update(status=status, is_charge_refundable=status == REFUNDABLE)
    account.add(dispute)
    if status != REFUNDABLE:
        book_dispute(account, dispute)
    account.record("charge.dispute.created", dispute, NOBODY)
    return dispute


def is_charged_back(account: Account, charge: JsonObject) -> bool:
    disputes = account.tables["dispute"].values()
    rows = [row for row in disputes if row["charge"] == charge["id"]]
    return any(not row["is_charge_refundable"] for row in rows)


def close_dispute(account: Account, dispute: JsonObject, outcome: str) -> JsonObject:
    dispute.update(status=outcome, is_charge_refundable=False)
    dispute["evidence_details"]["due_by"] = None
    if outcome == "won":
        book_dispute_reversal(account, dispute)
    elif not dispute["balance_transactions"]:
        book_dispute(account, dispute)  # an inquiry that the bank decided after all
    account.record("charge.dispute.closed", dispute, NOBODY)
    return dispute


def _shape(
    account: Account, charge: JsonObject, amount: int, reason: str
) -> JsonObject:
    now = account.clock.now()
    return {
        "id": new_id("dp_1"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(EVIDENCE_FIELDS), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": now + 7 * 24 * 3600,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": reason,
    }
