"""Amounts in minor units: how many decimals, how little, how much, how shown."""

from decimal import Decimal

from babel.numbers import format_currency, list_currencies

from entrypoints.stripe_simulator.refusals import Refusal, bad_parameter

# fmt: off
ZERO_DECIMAL = frozenset({
    "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga",
    "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf",
})
# fmt: on
THREE_DECIMAL = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})
LARGEST = 99_999_999
# Stripe judges the minimum after conversion to the account's currency; this account
# settles in whatever it is paid, so the charge minimums of Stripe's table apply.
SMALLEST = {
    "aed": 200,
    "bgn": 100,
    "czk": 1500,
    "dkk": 250,
    "gbp": 30,
    "hkd": 400,
    "huf": 17500,
    "mxn": 1000,
    "myr": 200,
    "nok": 300,
    "pln": 200,
    "ron": 200,
    "sek": 300,
    "thb": 1000,
}
KNOWN = frozenset(code.lower() for code in list_currencies())


def checked_currency(code: str, param: str) -> str:
    currency = code.lower()
    if currency not in KNOWN:
        raise bad_parameter(f"Invalid currency: {currency}.", param)
    return currency


def decimals(currency: str) -> int:
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def shown(amount: int, currency: str) -> str:
    value = Decimal(amount).scaleb(-decimals(currency))
    pattern = "¤#,##0" + ("." + "0" * decimals(currency) if decimals(currency) else "")
    return format_currency(
        value, currency.upper(), pattern, locale="en_US", currency_digits=False
    )


def check_total(amount: int, currency: str) -> None:
    """Refuse what Stripe cannot charge; nothing at all (0) needs no payment."""
    smallest = SMALLEST.get(currency, 50)
    if 0 < amount < smallest:
        at_least = f"{shown(smallest, currency)} {currency}"
        raise Refusal(
            "The Checkout Session's total amount due must add up to at least "
            f"{at_least}",
            code="amount_too_small",
        )
    if amount > LARGEST:
        raise Refusal(
            "The Checkout Session's total amount due must be no more than "
            f"{shown(LARGEST, currency)} {currency}",
            code="amount_too_large",
        )
