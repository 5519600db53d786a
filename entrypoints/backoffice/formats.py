"""How moments, spans and amounts read on an admin's page."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

from babel.dates import format_date, format_datetime
from markupsafe import Markup

from domain.money import AMOUNT_MAX, Currency, UnknownCurrency
from entrypoints.storefront.formats import LOCALE

MOMENT: Final = "MMM d, y, HH:mm"
SECONDS: Final = "MMM d, y, HH:mm:ss"
DAY: Final = "MMM d"
MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY_LONG: Final = 24 * HOUR
NOTHING: Final = "\N{EN DASH}"
MILLISECONDS: Final = 1000
_THIN: Final = "\N{NARROW NO-BREAK SPACE}"


class NotAnAmount(ValueError):
    """What was typed is no amount of that currency."""


def moment(at: datetime | None, pattern: str = MOMENT) -> Markup:
    """Write a moment in UTC, for people and for programs.

    Admins sit anywhere and talk about the same moment, so there is one clock for all.
    """
    if at is None:
        return Markup('<span class="none">{}</span>').format(NOTHING)
    there = at.astimezone(UTC)
    text = format_datetime(there, pattern, locale=LOCALE)
    return Markup('<time datetime="{}">{} UTC</time>').format(there.isoformat(), text)


def second(at: datetime | None) -> Markup:
    return moment(at, SECONDS)


def day(when: date | str) -> str:
    found = date.fromisoformat(when) if isinstance(when, str) else when
    return format_date(found, DAY, locale=LOCALE)


def span(seconds: float | None) -> str:
    """Write how long something takes or took, in its largest unit that fits."""
    if seconds is None:
        return NOTHING
    for unit, size in (("d", DAY_LONG), ("h", HOUR), ("min", MINUTE)):
        if seconds >= size:
            return f"{seconds / size:.3g}{_THIN}{unit}"
    return f"{seconds:.3g}{_THIN}s"


def milliseconds(count: float | None) -> str:
    if count is None:
        return NOTHING
    if count >= MILLISECONDS:
        return span(count / MILLISECONDS)
    return f"{count:.3g}{_THIN}ms"


def typed_amount(minor_units: int | None, currency: str) -> str:
    """Write an amount as a form's field holds it: 45.00."""
    if minor_units is None:
        return ""
    decimals = Currency(currency).exponent
    return f"{Decimal(minor_units).scaleb(-decimals):.{decimals}f}"


def amount_of(text: str, currency: str) -> int:
    """Read what was typed into a field for an amount, as minor units.

    Raises:
        NotAnAmount: it is none, has more decimals than the currency, or is above what
            Stripe takes in one payment.
    """
    try:
        found = Decimal(text.strip()).scaleb(Currency(currency).exponent)
        whole = int(found)
    except (ArithmeticError, UnknownCurrency, ValueError) as error:
        raise NotAnAmount(text) from error
    if whole != found or not 0 <= whole <= AMOUNT_MAX:
        raise NotAnAmount(text)
    return whole
