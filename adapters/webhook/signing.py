"""Signs what we post as Standard Webhooks asks (https://www.standardwebhooks.com)."""

import binascii
import hmac
from base64 import b64decode, b64encode
from hashlib import sha256
from typing import Final

PREFIX: Final = "whsec_"


def key_of(secret: str) -> bytes:
    """Return the key that a secret, `whsec_` and Base64, stands for.

    Raises:
        ValueError: it is none.
    """
    try:
        return b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("is whsec_ and Base64") from None


def signature(key: bytes, *, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the header that vouches for these bytes, sent now, under this id."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + b64encode(hmac.new(key, signed, sha256).digest()).decode()
