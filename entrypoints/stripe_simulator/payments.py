"""Someone pays: at once, later, or not at all."""

from entrypoints.stripe_simulator.account import Account, JsonObject
from entrypoints.stripe_simulator.balance import book_charge
from entrypoints.stripe_simulator.calls import NOBODY, Call
from entrypoints.stripe_simulator.catalogue import (
    DECLINED_LAST4,
    DISPUTED_LAST4,
    add_card,
)
from entrypoints.stripe_simulator.disputes import open_dispute
from entrypoints.stripe_simulator.intents import add_charge, add_intent
from entrypoints.stripe_simulator.money import check_total, checked_currency
from entrypoints.stripe_simulator.params import Params
from entrypoints.stripe_simulator.refusals import Refusal, bad_parameter

SETTLING_LAST4 = {"3201": "paid", "3202": "failed", "3456": "failed"}


def show_payment_page(account: Account, call: Call) -> JsonObject:
    """Answer what Stripe's own page, and its CLI, ask about a session."""
    call.params.only("expand")
    return account.get("checkout.session", call.id, param="session")


def confirm_payment_page(account: Account, call: Call) -> JsonObject:
    params = call.params
    params.only("payment_method", "expected_amount", "expand")
    session = account.get("checkout.session", call.id, param="session")
    identifier = params.needed_text("payment_method")
    method = payment_method(account, identifier)
    expected = params.integer("expected_amount")
    if expected is not None and expected != session["amount_total"]:
        message = f"The expected amount {expected} is not the session's amount"
        raise Refusal(
            f"{message} {session['amount_total']}.",
            param="expected_amount",
            code="checkout_amount_mismatch",
        )
    pay_session(account, session, method, call.request)
    _settle_by_itself(account, session, method)
    return session


def create_intent(account: Account, call: Call) -> JsonObject:
    """Create and confirm an intent without a session, as the CLI's triggers do."""
    params = call.params
    params.only(
        "amount",
        "currency",
        "confirm",
        "description",
        "expand",
        "metadata",
        "payment_method",
        "payment_method_types",
    )
    amount = params.integer("amount", least=1) or 0
    currency = checked_currency(params.needed_text("currency"), "currency")
    check_total(amount, currency)
    data = {"metadata": params.metadata(), "description": params.text("description")}
    types = params.texts("payment_method_types") or ["card"]
    intent = add_intent(account, amount, currency, data, types)
    if params.boolean("confirm"):
        method = payment_method(account, params.needed_text("payment_method"))
        _charge_card(account, intent, method, call.request)
    return intent


def payment_method(account: Account, identifier: str) -> JsonObject:
    """Find a method, or make one from Stripe's shared ones, such as pm_card_visa."""
    if identifier.startswith("pm_card_"):
        token = identifier.removeprefix("pm_card_")
        return add_card(account, token, Params({}))
    param = "payment_method"
    return account.get("payment_method", identifier, param=param, status=400)


def pay_session(
    account: Account, session: JsonObject, method: JsonObject, request: JsonObject
) -> None:
    """Pay an open session.

    Raises:
        Refusal: The session is not open, or the card was declined, which leaves the
            session open.
    """
    if session["status"] != "open":
        message = f"This Checkout Session has a status of {session['status']}"
        raise Refusal(f"{message} and cannot be paid.")
    if session["amount_total"] == 0:
        _complete(account, session, method, "no_payment_required", request)
        return
    intent = _intent_of(account, session)
    if method["type"] == "card":
        _charge_card(account, intent, method, request)
        _complete(account, session, method, "paid", request)
        return
    add_charge(account, intent, method, "pending")
    intent["status"] = "processing"
    _complete(account, session, method, "unpaid", request)


def settle_session(account: Account, session: JsonObject, outcome: str) -> None:
    """Let a delayed payment clear, or fail, after the session was completed."""
    if not is_processing(account, session):
        raise Refusal("This Checkout Session has no payment that is processing.")
    intent = account.get("payment_intent", session["payment_intent"])
    charge = account.get("charge", intent["latest_charge"])
    if outcome == "paid":
        charge.update(status="succeeded", paid=True, amount_captured=charge["amount"])
        _succeed(account, intent, charge, NOBODY)
        session["payment_status"] = "paid"
    else:
        charge.update(status="failed", failure_code="insufficient_funds")
        intent["status"] = "requires_payment_method"
    kind = "succeeded" if outcome == "paid" else "failed"
    account.record(f"checkout.session.async_payment_{kind}", session, NOBODY)


def is_processing(account: Account, session: JsonObject) -> bool:
    intent = account.find(session["payment_intent"] or "")
    return intent is not None and intent["status"] == "processing"


def _settle_by_itself(
    account: Account, session: JsonObject, method: JsonObject
) -> None:
    """Stripe's test IBANs say how they end; any other waits to be told."""
    last4 = method.get("sepa_debit", {}).get("last4")
    outcome = SETTLING_LAST4.get(last4)
    if outcome is None:
        return

    def settle() -> None:
        # Someone may have settled it by hand, or have reset everything.
        if is_processing(account, session):
            settle_session(account, session, outcome)

    account.later(settle)


def _intent_of(account: Account, session: JsonObject) -> JsonObject:
    """Make the intent at the first try to pay; before that a session has none."""
    known = account.find(session["payment_intent"] or "")
    if known is not None:
        return known
    intent = add_intent(
        account,
        session["amount_total"],
        session["currency"],
        account.intent_data[session["id"]],
        session["payment_method_types"],
    )
    session["payment_intent"] = intent["id"]
    return intent


def _charge_card(
    account: Account, intent: JsonObject, method: JsonObject, request: JsonObject
) -> None:
    if method["type"] != "card":
        raise bad_parameter("Only a card can be charged at once.", "payment_method")
    if method["card"]["last4"] == DECLINED_LAST4:
        _decline(intent, method)
    charge = add_charge(account, intent, method, "succeeded")
    _succeed(account, intent, charge, request)
    dispute_status = DISPUTED_LAST4.get(method["card"]["last4"])
    if dispute_status is not None:
        open_dispute(account, charge, status=dispute_status)


def _decline(intent: JsonObject, method: JsonObject) -> None:
    error: JsonObject = {
        "code": "card_declined",
        "decline_code": "generic_decline",
        "message": "Your card was declined.",
        "type": "card_error",
    }
    intent["last_payment_error"] = {**error, "payment_method": method}
    raise Refusal(
        error["message"],
        status=402,
        kind="card_error",
        code=error["code"],
        decline_code=error["decline_code"],
        payment_intent=intent,
    )


def _succeed(
    account: Account, intent: JsonObject, charge: JsonObject, request: JsonObject
) -> None:
    intent.update(
        status="succeeded", amount_received=intent["amount"], last_payment_error=None
    )
    book_charge(account, charge)
    account.record("charge.succeeded", charge, request)
    account.record("payment_intent.succeeded", intent, request)


def _complete(
    account: Account,
    session: JsonObject,
    method: JsonObject,
    payment_status: str,
    request: JsonObject,
) -> None:
    billing = method["billing_details"]
    session["customer_details"] = {
        "address": {**billing["address"], "country": _country(billing)},
        "business_name": None,
        "email": session["customer_email"] or billing["email"],
        "individual_name": None,
        "name": billing["name"] or "",
        "phone": billing["phone"],
        "tax_exempt": "none",
        "tax_ids": [],
    }
    session.update(status="complete", payment_status=payment_status, url=None)
    account.record("checkout.session.completed", session, request)


def _country(billing: JsonObject) -> str:
    country: str | None = billing["address"]["country"]
    return country or "US"
