"""Open a Checkout Session: what Stripe reads, what it refuses, what it stores."""

from heapq import heappush

from entrypoints.stripe_simulator.account import (
    API_VERSION,
    Account,
    JsonObject,
    new_id,
)
from entrypoints.stripe_simulator.calls import Call
from entrypoints.stripe_simulator.catalogue import DELAYED, add_price, add_product
from entrypoints.stripe_simulator.catalogue import address as read_address
from entrypoints.stripe_simulator.money import check_total
from entrypoints.stripe_simulator.params import Params
from entrypoints.stripe_simulator.refusals import (
    Refusal,
    bad_parameter,
    missing_parameter,
    unknown_parameter,
)
from entrypoints.stripe_simulator.sessions import LONGEST, SHORTEST

MOST_LINE_ITEMS = 100
KNOWN_PARAMETERS = (
    "adaptive_pricing",
    "allowed_payment_method_types",
    "cancel_url",
    "client_reference_id",
    "customer_creation",
    "customer_email",
    "expand",
    "expires_at",
    "line_items",
    "locale",
    "metadata",
    "mode",
    "payment_intent_data",
    "payment_method_types",
    "submit_type",
    "success_url",
    "ui_mode",
)
SUBMIT_TYPES = ("auto", "book", "donate", "pay", "subscribe")


def create_session(account: Account, call: Call) -> JsonObject:
    """Read everything first, so that a refused parameter leaves nothing behind."""
    params = call.params
    params.only(*KNOWN_PARAMETERS)
    _check_mode(params)
    chosen_methods = _payment_methods(call)
    session = _shape(account, params)
    intent_data = _read_intent_data(params.level("payment_intent_data"))
    session["allowed_payment_method_types"] = chosen_methods or None
    session["payment_method_types"] = chosen_methods or ["card", *DELAYED[:2]]
    rows = _line_items(account, params)
    _add_up(session, rows)
    session["url"] = f"{call.base_url}/c/pay/{session['id']}"
    account.line_items[session["id"]] = rows
    account.intent_data[session["id"]] = intent_data
    heappush(account.expiries, (session["expires_at"], session["id"]))
    return account.add(session)


def _check_mode(params: Params) -> None:
    if params.needed_text("mode") != "payment":
        message = "The simulator only opens sessions with mode=payment."
        raise bad_parameter(message, "mode")
    params.choice("ui_mode", ["hosted_page"])
    params.choice("submit_type", SUBMIT_TYPES)
    params.choice("customer_creation", ["always", "if_required"])
    if params.url("success_url") is None:
        raise missing_parameter("success_url")


def _adaptive_pricing(params: Params) -> JsonObject | None:
    """Keep the wish; the simulator never asks in another currency anyway."""
    if "adaptive_pricing" not in params:
        return None
    given = params.level("adaptive_pricing")
    given.only("enabled")
    return {"enabled": bool(given.boolean("enabled"))}


def _payment_methods(call: Call) -> list[str]:
    """Read either name; the old one only from callers not pinned to its removal."""
    is_pinned = call.version == API_VERSION
    if is_pinned and "payment_method_types" in call.params:
        raise unknown_parameter("payment_method_types")
    if not is_pinned and "payment_method_types" in call.params:
        return _known_methods(call.params, "payment_method_types")
    return _known_methods(call.params, "allowed_payment_method_types")


def _known_methods(params: Params, name: str) -> list[str]:
    methods = params.texts(name)
    for method in methods:
        if method not in {"card", *DELAYED}:
            message = f"The payment method type provided: {method} is invalid."
            raise bad_parameter(message, params.name(name))
    return methods


def _expires_at(account: Account, params: Params) -> int:
    now = account.clock.now()
    expires_at = params.integer("expires_at")
    if expires_at is None:
        return now + LONGEST
    wording = "The `expires_at` timestamp must be"
    if expires_at < now + SHORTEST:
        message = f"{wording} at least 30 minutes from Checkout Session creation."
        raise bad_parameter(message, "expires_at")
    if expires_at > now + LONGEST:
        message = f"{wording} less than 24 hours from Checkout Session creation."
        raise bad_parameter(message, "expires_at")
    return expires_at


def _read_intent_data(params: Params) -> JsonObject:
    """Keep what the payment intent will carry; a session's metadata is not on it."""
    texts = ("description", "receipt_email", "statement_descriptor_suffix")
    params.only("metadata", "setup_future_usage", "shipping", *texts)
    given: JsonObject = {name: params.text(name) for name in texts}
    given["metadata"] = params.metadata()
    given["setup_future_usage"] = params.choice(
        "setup_future_usage", ["off_session", "on_session"]
    )
    given["shipping"] = None
    if "shipping" in params:
        shipping = params.level("shipping")
        shipping.only("name", "phone", "carrier", "tracking_number", "address")
        given["shipping"] = {
            "address": read_address(shipping.level("address")),
            "carrier": shipping.text("carrier"),
            "name": shipping.needed_text("name"),
            "phone": shipping.text("phone"),
            "tracking_number": shipping.text("tracking_number"),
        }
    return given


def _line_items(account: Account, params: Params) -> list[JsonObject]:
    given = params.levels("line_items")
    if not given:
        raise missing_parameter("line_items")
    if len(given) > MOST_LINE_ITEMS:
        message = f"Arrays can have at most {MOST_LINE_ITEMS} elements."
        raise bad_parameter(message, "line_items")
    return [_line_item(account, item) for item in given]


def _line_item(account: Account, item: Params) -> JsonObject:
    item.only("price", "price_data", "quantity", "metadata")
    quantity = item.integer("quantity", least=1)
    if quantity is None:
        raise missing_parameter(item.name("quantity"))
    price = _price(account, item)
    product = account.get("product", price["product"])
    total = price["unit_amount"] * quantity
    return {
        "id": new_id("li_1"),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": total,
        "amount_tax": 0,
        "amount_total": total,
        "currency": price["currency"],
        "description": product["name"],
        "metadata": item.metadata(),
        "price": price,
        "quantity": quantity,
    }


def _price(account: Account, item: Params) -> JsonObject:
    identifier = item.text("price")
    if identifier is not None:
        param = item.name("price")
        return account.get("price", identifier, param=param, status=400)
    data = item.level("price_data")
    data.only("currency", "unit_amount", "product_data", "product", "tax_behavior")
    product = data.text("product")
    if product is None:
        product = _product(account, data.level("product_data"))["id"]
    return add_price(account, data, product)


def _product(account: Account, data: Params) -> JsonObject:
    data.only("name", "description", "images", "metadata", "tax_code", "unit_label")
    name = data.needed_text("name")
    return add_product(
        account,
        name,
        description=data.text("description"),
        images=data.texts("images"),
        metadata=data.metadata(),
    )


def _add_up(session: JsonObject, rows: list[JsonObject]) -> None:
    currencies = {row["currency"] for row in rows}
    if len(currencies) > 1:
        message = "All line items must have the same currency."
        raise Refusal(message, param="line_items")
    [currency] = currencies
    total = sum(row["amount_total"] for row in rows)
    check_total(total, currency)
    session.update(currency=currency, amount_subtotal=total, amount_total=total)


def _shape(account: Account, params: Params) -> JsonObject:
    email = params.email("customer_email")
    return {
        "id": new_id("cs_test_a1", 56),
        "object": "checkout.session",
        "adaptive_pricing": _adaptive_pricing(params),
        "after_expiration": None,
        "allow_promotion_codes": None,
        "automatic_tax": {
            "enabled": False,
            "liability": None,
            "provider": None,
            "status": None,
        },
        "billing_address_collection": None,
        "cancel_url": params.url("cancel_url"),
        "client_reference_id": params.text("client_reference_id", longest=200),
        "client_secret": None,
        "collected_information": None,
        "consent": None,
        "consent_collection": None,
        "created": account.clock.now(),
        "currency_conversion": None,
        "custom_fields": [],
        "custom_text": {
            "after_submit": None,
            "shipping_address": None,
            "submit": None,
            "terms_of_service_acceptance": None,
        },
        "customer": None,
        "customer_account": None,
        "customer_creation": params.text("customer_creation") or "if_required",
        "customer_details": email and _customer_details(email),
        "customer_email": email,
        "discounts": [],
        "expires_at": _expires_at(account, params),
        "invoice": None,
        "livemode": False,
        "locale": params.text("locale"),
        "metadata": params.metadata(),
        "mode": "payment",
        "origin_context": None,
        "payment_intent": None,
        "payment_link": None,
        "payment_method_collection": "if_required",
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "payment_status": "unpaid",
        "permissions": None,
        "phone_number_collection": {"enabled": False},
        "recovered_from": None,
        "saved_payment_method_options": None,
        "setup_intent": None,
        "shipping_address_collection": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": "open",
        "submit_type": params.text("submit_type"),
        "subscription": None,
        "success_url": params.url("success_url"),
        "total_details": {
            "amount_discount": 0,
            "amount_shipping": 0,
            "amount_tax": 0,
        },
        "ui_mode": "hosted_page",
        "wallet_options": None,
    }


def _customer_details(email: str) -> JsonObject:
    return {
        "address": None,
        "business_name": None,
        "email": email,
        "individual_name": None,
        "name": None,
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": None,
    }
