"""Signatures as Stripe writes them, worked out without its library."""

import hashlib
import hmac
import json

from tests.adapters.stripe.objects import EPOCH_NOON

SECRET = "whsec_new"


def digest(body: bytes, *, at: int | str = EPOCH_NOON, secret: str = SECRET) -> str:
    signed = str(at).encode() + b"." + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def header(body: bytes, *, at: int | str = EPOCH_NOON, secret: str = SECRET) -> str:
    return f"t={at},v1={digest(body, at=at, secret=secret)}"


def signed(event: object) -> tuple[bytes, str]:
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    return body, header(body)
