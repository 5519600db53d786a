"""Any test key will do; a live key never."""

import base64
import binascii

from entrypoints.stripe_simulator.refusals import Refusal

TEST_PREFIXES = ("sk_test_", "rk_test_")
UNAUTHORIZED = 401


def authenticated(header: str) -> str:
    """Return the API key of an Authorization header, Bearer or Basic.

    Raises:
        Refusal: There is no key, or it is not a test key.
    """
    scheme, _, rest = header.partition(" ")
    key = rest.strip()
    if scheme.lower() == "basic":
        key = _user_of(key)
    if not key:
        message = (
            "You did not provide an API key. You need to provide your API key in the "
            "Authorization header, using Bearer auth (e.g. 'Authorization: Bearer "
            "YOUR_SECRET_KEY')."
        )
        raise Refusal(message, status=UNAUTHORIZED, is_saved=False)
    if not key.startswith(TEST_PREFIXES) or key in TEST_PREFIXES:
        message = f"Invalid API Key provided: {_masked(key)}"
        if key.startswith("sk_live_"):
            message += ". This is a simulator: it takes no live keys."
        raise Refusal(message, status=UNAUTHORIZED, is_saved=False)
    return key


def _user_of(credentials: str) -> str:
    try:
        return base64.b64decode(credentials, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _masked(key: str) -> str:
    return key[:8] + "*" * max(0, len(key) - 12) + key[-4:]
