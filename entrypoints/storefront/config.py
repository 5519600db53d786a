"""What the shop has to know about the world around it."""

import hmac
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Final

SESSION_LIFE: Final = timedelta(hours=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class StorefrontConfig:
    """Where the service is, and how its tokens are signed.

    A real front end gets its tokens from an identity provider.  The demo has none, so
    the shop signs them itself, with the secret that the service was given.

    Attributes:
        api_url: where the service's API begins, `/api` included.
        payment_origin: where the buyer pays; a form may lead there and nowhere else.
        inbox_url: the page with the mails, if there is one to link to.
    """

    api_url: str
    payment_origin: str
    jwt_secret: str = field(repr=False)
    jwt_issuer: str = "spothold"
    jwt_audience: str = "spothold"
    inbox_url: str | None = None

    @property
    def csrf_secret(self) -> str:
        """Return a secret of its own for forms, which changes with the other one."""
        purpose = b"spothold storefront: forms"
        return hmac.new(self.jwt_secret.encode(), purpose, sha256).hexdigest()
