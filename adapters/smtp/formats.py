"""How money and times read in a letter."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from babel.numbers import format_currency, get_currency_symbol

from domain.money import Currency

LOCALE = "en_US"
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
# An amount has Stripe's decimals, which the domain knows; CLDR's would round 10.50
# Serbian dinars.
PATTERNS = {0: "#,##0", 2: "#,##0.00", 3: "#,##0.000"}


def money(minor_units: int, currency: str) -> str:
    code = currency.upper()
    decimals = Currency(currency).exponent
    has_sign = get_currency_symbol(code, LOCALE) != code
    return format_currency(
        Decimal(minor_units).scaleb(-decimals),
        code,
        f"¤{'' if has_sign else NO_BREAK_SPACE}{PATTERNS[decimals]}",
        locale=LOCALE,
        currency_digits=False,
    )


def local_time(at: datetime, time_zone: str) -> str:
    when = format_datetime(
        at, "MMMM d, y 'at' h:mm a", tzinfo=ZoneInfo(time_zone), locale=LOCALE
    )
    return f"{when} ({time_zone})"
