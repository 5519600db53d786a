"""Products, prices and payment methods: what a session is about and paid with."""

from entrypoints.stripe_simulator.account import Account, JsonObject, new_id
from entrypoints.stripe_simulator.calls import Call
from entrypoints.stripe_simulator.money import checked_currency
from entrypoints.stripe_simulator.params import Params
from entrypoints.stripe_simulator.refusals import missing_parameter

CARDS = {
    "visa": ("visa", "4242"),
    "mastercard": ("mastercard", "4444"),
    "amex": ("amex", "8431"),
    "chargeDeclined": ("visa", "0002"),
    "createDispute": ("visa", "0259"),
    "createDisputeInquiry": ("visa", "1976"),
}
DECLINED_LAST4 = "0002"
DISPUTED_LAST4 = {"0259": "needs_response", "1976": "warning_needs_response"}
DELAYED = ("sepa_debit", "us_bank_account", "bacs_debit", "customer_balance")


def create_product(account: Account, call: Call) -> JsonObject:
    call.params.only("name", "description", "active", "metadata", "images", "expand")
    name = call.params.needed_text("name")
    return add_product(
        account,
        name,
        description=call.params.text("description"),
        images=call.params.texts("images"),
        metadata=call.params.metadata(),
    )


def add_product(
    account: Account,
    name: str,
    *,
    description: str | None,
    images: list[str],
    metadata: dict[str, str],
) -> JsonObject:
    now = account.clock.now()
    return account.add(
        {
            "id": new_id("prod_", 14),
            "object": "product",
            "active": True,
            "created": now,
            "default_price": None,
            "description": description,
            "images": images,
            "livemode": False,
            "marketing_features": [],
            "metadata": metadata,
            "name": name,
            "package_dimensions": None,
            "shippable": None,
            "statement_descriptor": None,
            "tax_code": None,
            "unit_label": None,
            "updated": now,
            "url": None,
        }
    )


def create_price(account: Account, call: Call) -> JsonObject:
    params = call.params
    params.only("product", "unit_amount", "currency", "metadata", "nickname", "expand")
    product = params.needed_text("product")
    account.get("product", product, param="product", status=400)
    return add_price(account, params, product)


def add_price(account: Account, params: Params, product: str) -> JsonObject:
    currency = checked_currency(params.needed_text("currency"), params.name("currency"))
    amount = params.integer("unit_amount")
    if amount is None:
        raise missing_parameter(params.name("unit_amount"))
    return account.add(
        {
            "id": new_id("price_1"),
            "object": "price",
            "active": True,
            "billing_scheme": "per_unit",
            "created": account.clock.now(),
            "currency": currency,
            "custom_unit_amount": None,
            "livemode": False,
            "lookup_key": None,
            "metadata": params.metadata(),
            "nickname": params.text("nickname"),
            "product": product,
            "recurring": None,
            "tax_behavior": "unspecified",
            "tiers_mode": None,
            "transform_quantity": None,
            "type": "one_time",
            "unit_amount": amount,
            "unit_amount_decimal": str(amount),
        }
    )


def create_payment_method(account: Account, call: Call) -> JsonObject:
    params = call.params
    params.only("type", "card", *DELAYED, "billing_details", "metadata", "expand")
    kind = params.choice("type", ["card", *DELAYED])
    if kind is None:
        raise missing_parameter("type")
    billing = params.level("billing_details")
    if kind != "card":
        iban = params.level("sepa_debit").text("iban")
        return add_delayed_method(account, kind, billing, iban)
    card = params.level("card")
    card.only("token", "number", "exp_month", "exp_year", "cvc")
    return add_card(account, card.text("token") or "tok_visa", billing)


def add_card(account: Account, token: str, billing: Params) -> JsonObject:
    """Make a card from one of Stripe's test tokens, as `tok_visa` or `pm_card_visa`."""
    brand, last4 = CARDS.get(token.removeprefix("tok_"), CARDS["visa"])
    card = {
        "brand": brand,
        "checks": {
            "address_line1_check": None,
            "address_postal_code_check": None,
            "cvc_check": "pass",
        },
        "country": "US",
        "display_brand": brand,
        "exp_month": 12,
        "exp_year": 2040,
        "fingerprint": "simulated" + last4,
        "funding": "credit",
        "generated_from": None,
        "last4": last4,
        "networks": {"available": [brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }
    return _add_method(account, "card", billing, {"card": card})


def add_delayed_method(
    account: Account, kind: str, billing: Params, iban: str | None
) -> JsonObject:
    """Make a method that clears later; how it ends hangs on Stripe's test IBANs."""
    details: JsonObject = {}
    if kind == "sepa_debit":
        details = {
            "bank_code": "19043",
            "branch_code": "",
            "country": (iban or "AT")[:2],
            "fingerprint": "simulatediban",
            "generated_from": None,
            "last4": (iban or "3201")[-4:],
        }
    return _add_method(account, kind, billing, {kind: details})


def _add_method(
    account: Account, kind: str, billing: Params, details: JsonObject
) -> JsonObject:
    return account.add(
        {
            "id": new_id("pm_1"),
            "object": "payment_method",
            "allow_redisplay": "unspecified",
            "billing_details": billing_details(billing),
            "created": account.clock.now(),
            "customer": None,
            "customer_account": None,
            "livemode": False,
            "metadata": {},
            "type": kind,
            **details,
        }
    )


def billing_details(given: Params) -> JsonObject:
    given.only("email", "name", "phone", "address", "tax_id")
    return {
        "address": address(given.level("address")),
        "email": given.text("email"),
        "name": given.text("name"),
        "phone": given.text("phone"),
        "tax_id": None,
    }


def address(given: Params) -> JsonObject:
    fields = ("city", "country", "line1", "line2", "postal_code", "state")
    given.only(*fields)
    return {field: given.text(field) for field in fields}


def retrieve_product(account: Account, call: Call) -> JsonObject:
    call.params.only("expand")
    return account.get("product", call.id)


def retrieve_price(account: Account, call: Call) -> JsonObject:
    call.params.only("expand")
    return account.get("price", call.id, param="price")


def retrieve_payment_method(account: Account, call: Call) -> JsonObject:
    call.params.only("expand")
    return account.get("payment_method", call.id, param="payment_method")
