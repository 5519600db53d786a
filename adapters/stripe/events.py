"""Stripe's events in our words, delivered or listed."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from adapters.stripe.errors import Unreadable
from adapters.stripe.reports import (
    charge_report_of,
    dispute_report_of,
    refund_report_of,
)
from adapters.stripe.sessions import (
    flag,
    mapping,
    moment,
    name,
    session_of,
)
from adapters.stripe.unreadable import names_on
from application.ports.payment_events import EventKind, EventObject, PaymentEvent

_SESSION: Final = ("session", session_of)
_REFUND: Final = ("refund", refund_report_of)
_CHARGE: Final = ("charge", charge_report_of)
_DISPUTE: Final = ("dispute", dispute_report_of)
# Which field of our event each kind fills, and how that is read.
_READERS: Final[Mapping[str, tuple[str, Callable[[object], EventObject]]]] = {
    EventKind.SESSION_COMPLETED: _SESSION,
    EventKind.ASYNC_PAYMENT_SUCCEEDED: _SESSION,
    EventKind.ASYNC_PAYMENT_FAILED: _SESSION,
    EventKind.SESSION_EXPIRED: _SESSION,
    EventKind.REFUND_CREATED: _REFUND,
    EventKind.REFUND_UPDATED: _REFUND,
    EventKind.REFUND_FAILED: _REFUND,
    EventKind.CHARGE_REFUNDED: _CHARGE,
    EventKind.DISPUTE_CREATED: _DISPUTE,
    EventKind.DISPUTE_UPDATED: _DISPUTE,
    EventKind.DISPUTE_CLOSED: _DISPUTE,
}
KINDS: Final = tuple(kind.value for kind in EventKind if kind in _READERS)


def event_of(data: object) -> PaymentEvent:
    """Read a snapshot event.

    A thin one (`v2.core.event`) is not expected at this endpoint, nor is one of a
    connected account, whose sessions are not ours to act on.

    Raises:
        Unreadable: it says which field.
    """
    event = mapping(data, "event")
    if event.get("object") != "event":
        raise Unreadable("object")
    if event.get("account") is not None:
        raise Unreadable("account")
    type_name = name(event, "type")
    subject = _subject_in(event, type_name)
    return PaymentEvent(
        id=name(event, "id"),
        kind=EventKind(type_name) if subject else EventKind.OTHER,
        type_name=type_name,
        livemode=flag(event, "livemode"),
        created_at=moment(event, "created"),
        **subject,
    )


def _subject_in(event: Mapping[str, Any], type_name: str) -> Mapping[str, Any]:
    """Read what the event is about, if that is any business of ours.

    The account may be shared: a session of another application can be of a mode that
    has no amount, and Stripe must not hear an error because of it.  A newer or older
    `api_version` is no objection as long as ours can be read; if it cannot, the event
    says so.
    """
    if type_name not in _READERS:
        return {}
    field, read = _READERS[type_name]
    subject = mapping(event.get("data"), "data").get("object")
    try:
        return {field: read(subject)}
    except Unreadable as error:
        version = event.get("api_version")
        found = names_on(subject, why=f"{error} in api_version {version!s:.40}")
        is_foreign = found is None or (field == "session" and found.app is None)
        return {} if is_foreign else {"unreadable": found}
