"""Stripe's events in our words, once it is certain that they are Stripe's."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NoReturn

from adapters.stripe.errors import Unreadable
from adapters.stripe.reports import (
    charge_report_of,
    dispute_report_of,
    refund_report_of,
)
from adapters.stripe.sessions import (
    flag,
    is_marked_ours,
    mapping,
    moment,
    name,
    session_of,
)
from adapters.stripe.signatures import check_signature
from application.ports.clock import Clock
from application.ports.payment_events import (
    EventKind,
    EventObject,
    PaymentEvent,
    SignatureRefused,
)

BODY_MAX: Final = 256 * 1024
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


class StripeWebhookVerifier:
    """Believes an event only if one of our secrets signed it within five minutes.

    Args:
        secrets: the endpoint's; several while one is being replaced.
        clock: ours, for the age of a signature.
    """

    def __init__(self, secrets: Sequence[str], *, clock: Clock) -> None:
        if isinstance(secrets, str) or not secrets:
            raise ValueError("a list of at least one webhook secret is needed")
        if not all(secret.strip() for secret in secrets):
            raise ValueError("a blank webhook secret would be anybody's")
        self._secrets = tuple(secrets)
        self._clock = clock

    def verify(self, body: bytes, signature: str | None) -> PaymentEvent:
        self._check(body, signature)
        try:
            return _event_of(_parsed(body))
        except SignatureRefused:
            raise
        except Unreadable as error:
            raise SignatureRefused(f"unreadable: {error}", is_authentic=True) from error
        except Exception as error:
            raise SignatureRefused("unreadable", is_authentic=True) from error

    def _check(self, body: bytes, signature: str | None) -> None:
        """Check size and signature; the body is not looked into before."""
        if not signature:
            raise SignatureRefused("no_signature")
        if len(body) > BODY_MAX:
            raise SignatureRefused("long_body")
        try:
            check_signature(
                body, signature, secrets=self._secrets, at=self._clock.now()
            )
        except SignatureRefused:
            raise
        except Exception as error:
            # Anybody can send anything here, and the SDK raises TypeError for letters
            # outside ASCII in a header and UnicodeDecodeError for a body in no UTF-8.
            raise SignatureRefused("unverifiable") from error


def _parsed(body: bytes) -> object:
    """Parse JSON strictly: what could be read in two ways is not read at all."""
    return json.loads(
        body.decode(), object_pairs_hook=_unique, parse_constant=_no_constant
    )


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Unreadable("a field that is there twice")
    return fields


def _no_constant(_constant: str) -> NoReturn:
    raise Unreadable("a number that is none")


def _event_of(data: object) -> PaymentEvent:
    """Read a snapshot event.

    A thin one (`v2.core.event`) is not expected at this endpoint, nor is one of a
    connected account, whose sessions are not ours to act on.
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
    `api_version` is no objection as long as ours can be read.
    """
    if type_name not in _READERS:
        return {}
    field, read = _READERS[type_name]
    subject = mapping(event.get("data"), "data").get("object")
    try:
        return {field: read(subject)}
    except Unreadable as error:
        if not is_marked_ours(subject):
            return {}
        version = event.get("api_version")
        raise Unreadable(f"{error} in api_version {version!s:.40}") from error
