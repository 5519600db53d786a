"""Who sent an event, and when."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import stripe

from application.ports.payment_events import SignatureRefused

TOLERANCE: Final = timedelta(seconds=300)
HEADER_MAX: Final = 4096
# ASCII digits, few enough to be a time: `int` also takes other scripts' and any number.
_TIMESTAMP: Final = re.compile(r"[0-9]{1,12}")


def check_signature(
    body: bytes, header: str, *, secrets: Sequence[str], at: datetime
) -> None:
    """Make sure that a body was signed with one of our secrets, just now.

    Stripe's own check takes the first of several timestamps and any time in the
    future, and is out of tolerance's reach when asked for none; so the time is checked
    here, against the clock that we were given.

    Raises:
        SignatureRefused: it was not, or that is in doubt.
    """
    if len(header) > HEADER_MAX:
        raise SignatureRefused("long_signature")
    signed_at = _signed_at(header)
    if not any(_is_signed_with(secret, body, header) for secret in secrets):
        raise SignatureRefused("wrong_signature")
    if abs(at - signed_at) > TOLERANCE:
        raise SignatureRefused("stale_signature")


def _signed_at(header: str) -> datetime:
    pairs = (item.partition("=") for item in header.split(","))
    times = [value for key, _, value in pairs if key.strip() == "t"]
    if len(times) != 1 or not _TIMESTAMP.fullmatch(times[0]):
        raise SignatureRefused("malformed_signature")
    try:
        return datetime.fromtimestamp(int(times[0]), UTC)
    except (OverflowError, OSError, ValueError):
        raise SignatureRefused("malformed_signature") from None


def _is_signed_with(secret: str, body: bytes, header: str) -> bool:
    try:
        stripe.WebhookSignature.verify_header(body, header, secret)
    except stripe.SignatureVerificationError:
        return False
    return True
