"""How money and times read on a page."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_datetime
from babel.numbers import format_currency, get_currency_symbol

from domain.money import Currency

LOCALE: Final = "en_US"
WHEN: Final = "MMMM d, y 'at' h:mm a"
MINUTE: Final = 60
_SPACE: Final = "\N{NO-BREAK SPACE}"
# By the decimals that Stripe counts in: CLDR gives some currencies fewer and rounds.
_PATTERNS: Final = {0: "#,##0", 2: "#,##0.00", 3: "#,##0.000"}


def money(minor_units: int, currency: str) -> str:
    """Write an amount of minor units, with a sign where the currency has one."""
    code = currency.upper()
    decimals = Currency(currency.lower()).exponent
    gap = "" if get_currency_symbol(code, LOCALE) != code else _SPACE
    return format_currency(
        Decimal(minor_units).scaleb(-decimals),
        code,
        f"¤{gap}{_PATTERNS[decimals]}",
        locale=LOCALE,
        currency_digits=False,
    )


def off(minor_units: int, currency: str) -> str:
    """Write a discount, with a minus sign that is one."""
    return f"\N{MINUS SIGN}{money(minor_units, currency)}"


def wait(seconds: int) -> str:
    """Write a time to wait, never shorter than it is."""
    if seconds <= MINUTE:
        return f"{seconds} second{'' if seconds == 1 else 's'}"
    minutes = -(-seconds // MINUTE)
    return f"{minutes} minutes"


def local_time(at: datetime, time_zone: str) -> str:
    """Write a moment as the program's own clock shows it, and name the clock."""
    try:
        zone = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        zone, time_zone = ZoneInfo("UTC"), "UTC"
    when = format_datetime(at.astimezone(UTC), WHEN, tzinfo=zone, locale=LOCALE)
    return f"{when} ({time_zone.replace('_', ' ')})"
