"""What each of Stripe's errors means to us; the one place that knows their codes.

https://docs.stripe.com/error-low-level, /api/errors and /api/idempotent_requests.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

import stripe


class Unreadable(ValueError):
    """Stripe's object is not what its reference describes: its argument says where.

    It never carries a value, for values may be personal.
    """


class Meaning(Enum):
    """What an error says about the request that met it."""

    REFUSED = auto()
    """It is wrong and always will be; nothing came of it."""
    NO_ANSWER = auto()
    """Nobody knows what came of it; ask again with the same key."""
    FAILED = auto()
    """Stripe broke on it and may repeat so by its key; ask again, then look."""
    MISCONFIGURED = auto()
    """Our key, its rights or our address are wrong, not the request."""
    KEY_REUSED = auto()
    """The key was used for another request: a bug of ours."""
    UNREADABLE = auto()
    """Stripe answered, in words that we do not understand."""
    UNEXPECTED = auto()
    """Nothing of the above; a human must look."""


_BY_STATUS: Final[Mapping[int, Meaning]] = {
    400: Meaning.REFUSED,
    401: Meaning.MISCONFIGURED,
    402: Meaning.REFUSED,
    403: Meaning.MISCONFIGURED,
    404: Meaning.MISCONFIGURED,
    409: Meaning.NO_ANSWER,  # idempotency_key_in_use: our earlier try is under way
    429: Meaning.NO_ANSWER,
}
_SERVER_ERRORS: Final = range(500, 600)
_WORTH_ANOTHER_TRY: Final = frozenset({Meaning.NO_ANSWER, Meaning.FAILED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """An error, read."""

    meaning: Meaning
    status: int | None = None
    code: str | None = None
    param: str | None = None
    request_id: str | None = None

    @property
    def reason(self) -> str:
        """Name it for logs and records; Stripe's own message may quote the buyer."""
        return self.code or self.param or self.meaning.name.lower()


def trouble_of(error: BaseException) -> Trouble:
    """Read an error that a call of the SDK raised."""
    if isinstance(error, stripe.APIConnectionError | TimeoutError):
        return Trouble(meaning=Meaning.NO_ANSWER)
    if isinstance(error, Unreadable):
        return Trouble(meaning=Meaning.UNREADABLE, param=str(error))
    if not isinstance(error, stripe.StripeError):
        return Trouble(meaning=Meaning.UNEXPECTED, code=type(error).__name__)
    details = _details(error)
    return Trouble(
        meaning=_meaning(error, details),
        status=error.http_status,
        code=_text(details.get("code")),
        param=_text(details.get("param")),
        request_id=error.request_id,
    )


def is_worth_another_try(error: BaseException) -> bool:
    """Say whether the same request, with the same key, may fare better."""
    return trouble_of(error).meaning in _WORTH_ANOTHER_TRY


def _meaning(error: stripe.StripeError, details: Mapping[str, object]) -> Meaning:
    if isinstance(error, stripe.RateLimitError):  # a 400 can be one too
        return Meaning.NO_ANSWER
    if details.get("type") == "idempotency_error":
        return Meaning.KEY_REUSED
    status = error.http_status or 0
    if status in _SERVER_ERRORS:
        return Meaning.FAILED
    meaning = _BY_STATUS.get(status, Meaning.UNEXPECTED)
    if meaning is Meaning.REFUSED and not details:
        return Meaning.UNEXPECTED  # some proxy's word; no proof that nothing happened
    return meaning


def _details(error: stripe.StripeError) -> Mapping[str, object]:
    """Return the error object; the SDK copies only some of it to its exceptions."""
    body = error.json_body
    details = body.get("error") if isinstance(body, dict) else None
    return details if isinstance(details, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
