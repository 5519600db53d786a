"""Stripe's checkout session in our words, from an answer or from an event."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, TypeVar

from adapters.stripe.errors import Unreadable
from domain.checkout import CheckoutSession, Payer, PaymentStatus, SessionStatus
from domain.ids import PurchaseId, SessionId

APP: Final = "spothold"  # marks what is ours in an account shared with others
_NAME: Final = re.compile(r"[!-~]{1,255}")  # printable ASCII, no spaces
_CURRENCY: Final = re.compile(r"[a-z]{3}")

Word = TypeVar("Word", bound=StrEnum)


def session_of(data: object) -> CheckoutSession:
    """Read a session; what is missing or of another type is never guessed.

    Raises:
        Unreadable: it says which field and shows no value, for values may be personal.
    """
    session = mapping(data, "session")
    if session.get("object") != "checkout.session":
        raise Unreadable("object")
    metadata = mapping(session.get("metadata") or {}, "metadata")
    return CheckoutSession(
        id=SessionId(name(session, "id")),
        status=word(SessionStatus, session, "status"),
        payment_status=word(PaymentStatus, session, "payment_status"),
        amount_total=whole_number(session, "amount_total"),
        currency=currency_of(session),
        livemode=flag(session, "livemode"),
        created_at=moment(session, "created"),
        expires_at=moment(session, "expires_at"),
        url=text(session, "url"),
        payment_intent=id_of(session, "payment_intent"),
        purchase_id=purchase_id_of(metadata),
        app=text(metadata, "app"),
        environment=text(metadata, "environment"),
        payer=_payer(session),
    )


def is_marked_ours(data: object) -> bool:
    """Say whether a session claims to be ours, however odd it is otherwise."""
    metadata = data.get("metadata") if isinstance(data, Mapping) else None
    return isinstance(metadata, Mapping) and metadata.get("app") == APP


def mapping(value: object, field: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Unreadable(field)
    return value


def name(data: Mapping[str, Any], field: str) -> str:
    """Return an identifier of Stripe's: short, printable, ASCII."""
    value = data.get(field)
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise Unreadable(field)
    return value


def text(data: Mapping[str, Any], field: str) -> str | None:
    """Return a text that can be stored, or None where there is none."""
    value = data.get(field)
    if value is None:
        return None
    if not isinstance(value, str) or not _is_unicode(value):
        raise Unreadable(field)
    return value


def flag(data: Mapping[str, Any], field: str) -> bool:
    value = data.get(field)
    if not isinstance(value, bool):
        raise Unreadable(field)
    return value


def whole_number(data: Mapping[str, Any], field: str) -> int:
    """Return a number of zero or more; neither 15.0 nor "15" nor true is one."""
    value = data.get(field)
    if type(value) is not int or value < 0:
        raise Unreadable(field)
    return value


def moment(data: Mapping[str, Any], field: str) -> datetime:
    try:
        return datetime.fromtimestamp(whole_number(data, field), UTC)
    except (OverflowError, OSError, ValueError):
        raise Unreadable(field) from None


def word(words: type[Word], data: Mapping[str, Any], field: str) -> Word:
    try:
        return words(text(data, field) or "")
    except ValueError:  # Unreadable is one too
        raise Unreadable(field) from None


def currency_of(data: Mapping[str, Any]) -> str:
    """Return the currency as Stripe writes it; "EUR" would not equal a quote's."""
    currency = text(data, "currency") or ""
    if not _CURRENCY.fullmatch(currency):
        raise Unreadable("currency")
    return currency


def id_of(data: Mapping[str, Any], field: str) -> str | None:
    """Return an object's id, whether or not somebody had it expanded."""
    value = data.get(field)
    if isinstance(value, Mapping):
        return name(value, "id")
    return None if value is None else name(data, field)


def purchase_id_of(metadata: Mapping[str, Any]) -> PurchaseId | None:
    value = text(metadata, "purchase_id")
    return None if value is None else PurchaseId(value)


def _payer(session: Mapping[str, Any]) -> Payer:
    details = mapping(session.get("customer_details") or {}, "customer_details")
    address = mapping(details.get("address") or {}, "address")
    return Payer(
        name=text(details, "name"),
        email=text(details, "email"),
        country=text(address, "country"),
    )


def _is_unicode(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:  # half a surrogate pair: JSON allows it, storage cannot
        return False
    return True
