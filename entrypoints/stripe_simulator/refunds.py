"""Money goes back, in full or in parts, and sometimes does not arrive."""

from entrypoints.stripe_simulator.account import Account, JsonObject, new_id
from entrypoints.stripe_simulator.balance import book_refund, book_refund_failure
from entrypoints.stripe_simulator.calls import NOBODY, Call
from entrypoints.stripe_simulator.disputes import is_charged_back
from entrypoints.stripe_simulator.listing import (
    PAGING,
    created_within,
    matching,
    page,
)
from entrypoints.stripe_simulator.money import shown
from entrypoints.stripe_simulator.params import Params
from entrypoints.stripe_simulator.refusals import Refusal, missing_parameter

REASONS = ("duplicate", "fraudulent", "requested_by_customer")
# What a refund in a given status may still become; Stripe lets a success fail.
NEXT = {
    "pending": {"succeeded", "failed", "canceled"},
    "succeeded": {"failed"},
}
HAS_NOT_ARRIVED = frozenset({"failed", "canceled"})


def create_refund(account: Account, call: Call) -> JsonObject:
    params = call.params
    params.only("payment_intent", "charge", "amount", "reason", "metadata", "expand")
    amount = params.integer("amount", least=1)
    reason = params.choice("reason", REASONS)
    metadata = params.metadata()
    charge = _charge(account, params)
    amount = _checked(account, charge, amount)
    status = account.refunds_begin_as
    refund = account.add(
        {
            "id": new_id("re_3"),
            "object": "refund",
            "amount": amount,
            "balance_transaction": None,
            "charge": charge["id"],
            "created": account.clock.now(),
            "currency": charge["currency"],
            "destination_details": {"type": charge["payment_method_details"]["type"]},
            "metadata": metadata,
            "payment_intent": charge["payment_intent"],
            "reason": reason,
            "receipt_number": None,
            "source_transfer_reversal": None,
            "status": status,
            "transfer_reversal": None,
        }
    )
    _recount(charge, amount)
    if status == "succeeded":
        book_refund(account, refund)
    account.record("refund.created", refund, call.request)
    account.record("charge.refunded", charge, call.request)
    return refund


def update_refund(account: Account, call: Call) -> JsonObject:
    call.params.only("metadata", "expand")
    refund = account.get("refund", call.id, param="refund")
    changes = call.params.level("metadata").values
    kept = {**refund["metadata"], **call.params.metadata()}
    refund["metadata"] = {key: kept[key] for key in kept if changes.get(key) != ""}
    _record_update(account, refund, call.request)
    return refund


def retrieve_refund(account: Account, call: Call) -> JsonObject:
    call.params.only("expand")
    return account.get("refund", call.id, param="refund")


def list_refunds(account: Account, call: Call) -> JsonObject:
    call.params.only("created", "charge", "payment_intent", *PAGING)
    rows = created_within(call.params, account.all("refund"))
    return page(call, matching(call.params, rows, "charge", "payment_intent"))


def settle_refund(account: Account, refund: JsonObject, outcome: str) -> JsonObject:
    """Let the bank answer: it arrived, it came back, or it was called off."""
    if outcome not in NEXT.get(refund["status"], set()):
        message = f"A refund that is {refund['status']} cannot become {outcome}."
        raise Refusal(message)
    refund["status"] = outcome
    if outcome == "succeeded":
        book_refund(account, refund)
    if outcome in HAS_NOT_ARRIVED:
        _recount(account.get("charge", refund["charge"]), -refund["amount"])
        book_refund_failure(account, refund)
    if outcome == "failed":
        refund["failure_reason"] = "lost_or_stolen_card"
    _record_update(account, refund, NOBODY)
    if outcome == "failed":
        account.record("refund.failed", refund, NOBODY)
    return refund


def _record_update(account: Account, refund: JsonObject, request: JsonObject) -> None:
    """Tell of a change under both names: the old one is still sent for charges."""
    account.record("refund.updated", refund, request)
    account.record("charge.refund.updated", refund, request)


def _charge(account: Account, params: Params) -> JsonObject:
    identifier = params.text("charge")
    if identifier is not None:
        return account.get("charge", identifier, param="charge", status=404)
    identifier = params.text("payment_intent")
    if identifier is None:
        raise missing_parameter("payment_intent")
    param = "payment_intent"
    intent = account.get("payment_intent", identifier, param=param, status=404)
    charge = account.find(intent["latest_charge"] or "")
    if charge is None or not charge["paid"]:
        message = "does not have a successful charge to refund."
        raise Refusal(f"This PaymentIntent ({identifier}) {message}")
    return charge


def _checked(account: Account, charge: JsonObject, amount: int | None) -> int:
    left: int = charge["amount"] - charge["amount_refunded"]
    if is_charged_back(account, charge):
        message = "has been charged back; cannot issue a refund."
        code = "charge_disputed"
        raise Refusal(f"Charge {charge['id']} {message}", code=code)
    if left == 0:
        message = f"Charge {charge['id']} has already been refunded."
        raise Refusal(message, code="charge_already_refunded")
    if amount is not None and amount > left:
        asked = shown(amount, charge["currency"])
        is_partly_refunded = charge["amount_refunded"] > 0
        limit = "unrefunded amount on charge" if is_partly_refunded else "charge amount"
        message = f"Refund amount ({asked}) is greater than {limit}"
        raise Refusal(f"{message} ({shown(left, charge['currency'])})", param="amount")
    return left if amount is None else amount


def _recount(charge: JsonObject, change: int) -> None:
    charge["amount_refunded"] += change
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
