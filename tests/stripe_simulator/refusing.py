"""What the SDK makes of a refusal."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
import stripe


@dataclass(slots=True)
class Refused:
    status: int | None = None
    code: str | None = None
    kind: str | None = None
    param: str | None = None
    message: str = ""


@contextmanager
def refused(error: type[stripe.StripeError] = stripe.StripeError) -> Iterator[Refused]:
    """Expect a refusal, and fill in what it said."""
    seen = Refused()
    with pytest.raises(error) as caught:
        yield seen
    seen.status = caught.value.http_status
    seen.message = caught.value.user_message or ""
    body = caught.value.json_body
    details = body["error"] if isinstance(body, dict) else {}
    seen.code, seen.kind = details.get("code"), details.get("type")
    seen.param = details.get("param")
