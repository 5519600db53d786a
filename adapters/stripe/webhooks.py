"""Events that come in from outside, once it is certain that they are Stripe's."""

import json
from collections.abc import Sequence
from typing import Any, Final, NoReturn

from adapters.stripe.errors import Unreadable
from adapters.stripe.events import event_of
from adapters.stripe.signatures import check_signature
from application.ports.clock import Clock
from application.ports.payment_events import PaymentEvent, SignatureRefused

BODY_MAX: Final = 256 * 1024


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
            return event_of(_parsed(body))
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
