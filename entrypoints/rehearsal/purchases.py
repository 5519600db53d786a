"""What has changed in one purchase, in words."""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from itertools import zip_longest
from typing import Final, TypeVar

from domain.money import CURRENCIES, Money
from domain.purchase import Purchase
from domain.refunds import ExtraPayment, Refund

Row = TypeVar("Row")

# Told in words of their own below, or no news by themselves.
TOLD: Final = frozenset(
    {
        "closed_reason",
        "completed_at",
        "confirmation",
        "dispute",
        "extra_payments",
        "is_processing",
        "money_revision",
        "notices",
        "paid",
        "refunds",
        "status",
        "unsettled_since",
        "updated_at",
    }
)


def about_purchase(old: Purchase | None, new: Purchase) -> Iterator[str]:
    """Say in a line each what is not as it was; ids that chance chose are not named."""
    if old is None:
        yield f"begun, {new.status}"
        return
    if old.status is not new.status:
        yield f"{old.status} → {new.status}{_because(old, new)}"
    yield from _effects(old, new)
    yield from _money_rows(old, new)
    for other in fields(Purchase):
        was, is_now = getattr(old, other.name), getattr(new, other.name)
        if other.name not in TOLD and was != is_now:
            yield f"{other.name.replace('_', ' ')} recorded"


def amount_of(amount: int, currency: str) -> str:
    """Write an amount as people do, also of a currency that we do not sell in."""
    if currency in CURRENCIES:
        return str(Money.of(amount, currency))
    return f"{amount} {currency}"


def _because(old: Purchase, new: Purchase) -> str:
    if new.paid is not None and old.paid is None:
        return f" (paid {new.paid.amount})"
    if new.closed_reason is not None and old.closed_reason is None:
        return f" ({new.closed_reason})"
    return ""


def _effects(old: Purchase, new: Purchase) -> Iterator[str]:
    if new.is_processing and not old.is_processing:
        yield "a delayed payment is under way"
    if new.confirmation is not None and old.confirmation is None:
        yield "mail due: confirmation"
    for _, notice in _moved(old.notices, new.notices):
        yield f"mail due: {notice.kind}"


def _money_rows(old: Purchase, new: Purchase) -> Iterator[str]:
    for was, row in _moved(old.refunds, new.refunds):
        yield _refund(was, row)
    for known, extra in _moved(old.extra_payments, new.extra_payments):
        yield _extra(known, extra)
    dispute = new.dispute
    if dispute is not None and dispute != old.dispute:
        yield f"dispute {dispute.id} of {dispute.amount}: {dispute.state}"


def _refund(old: Refund | None, new: Refund) -> str:
    name = f"refund {new.stripe_id}" if new.stripe_id else "a refund"
    way = new.state.value if old is None else f"{old.state} → {new.state}"
    return f"{name} of {new.amount}: {way}"


def _extra(old: ExtraPayment | None, new: ExtraPayment) -> str:
    amount = amount_of(new.amount, new.currency)
    way = new.state.value if old is None else f"{old.state} → {new.state}"
    return f"payment of {amount} that must go back ({new.reason}): {way}"


def _moved(old: Sequence[Row], new: Sequence[Row]) -> Iterator[tuple[Row | None, Row]]:
    """Return the rows that are new or have changed; rows never go away."""
    for was, row in zip_longest(old, new):
        if row is not None and was != row:
            yield was, row
