"""The pages for people, as the settings want them, around a service."""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from typing import Final

from litestar.types import ASGIApp

from entrypoints.http.auth import Caller, bearer_token
from entrypoints.http.headers import is_for_us
from entrypoints.http.refusals import NotAuthenticated
from entrypoints.http.tokens import TokenVerifier, tokens_of
from entrypoints.settings import Settings, ShopMode
from entrypoints.storefront.app import create_storefront
from entrypoints.storefront.beside import StorefrontBeside
from entrypoints.storefront.config import StorefrontConfig
from entrypoints.storefront.demo_people import DemoSigner
from entrypoints.storefront.in_process import InProcess
from entrypoints.storefront.people import Person, Session

# Nobody resolves it: the calls stay in this process.
API_URL: Final = "http://service/api"
FORMS: Final = b"spothold storefront: forms"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadByTheService:
    """Reads a token from a cookie by the very rules for one in a header."""

    tokens: TokenVerifier

    async def __call__(self, token: str) -> Session | None:
        try:
            claims = await self.tokens.verify(bearer_token([f"Bearer {token}"]))
            caller = Caller.of(claims)
            ends_at = datetime.fromtimestamp(int(claims["exp"]), UTC)
        except NotAuthenticated:
            return None
        except (ValueError, OverflowError, OSError):
            return None  # an end beyond all calendars, such as one in milliseconds
        person = Person(
            sub=caller.id, name=caller.name, email=caller.email, role=caller.role.value
        )
        return Session(person=person, token=token, ends_at=ends_at)


def storefront_config(settings: Settings, *, inbox_url: str | None) -> StorefrontConfig:
    """Make the shop a client of the service with these settings."""
    return StorefrontConfig(
        api_url=API_URL,
        payment_origin=settings.checkout_origin,
        form_secret=_form_secret(settings),
        read_token=ReadByTheService(tokens=tokens_of(settings)),
        shop_url=settings.frontend_url,
        sign_in_url=settings.sign_in_url,
        demo=_demo_signer(settings),
        inbox_url=inbox_url,
        # Not only in production: another stage behind TLS has real tokens, too.
        is_secure=settings.is_production
        or settings.frontend_url.startswith("https://"),
        moves_money=settings.livemode,
    )


def beside_the_service(
    service: ASGIApp, settings: Settings, *, inbox_url: str | None = None
) -> ASGIApp:
    """Return an application that serves both; the service alone if there is no shop."""
    if settings.storefront is ShopMode.OFF:
        return service
    config = storefront_config(settings, inbox_url=inbox_url)
    return StorefrontBeside(
        service=service,
        pages=create_storefront(config, transport=InProcess(service)),
        is_for_us=partial(is_for_us, settings.hosts),
    )


def _demo_signer(settings: Settings) -> DemoSigner | None:
    if settings.storefront is not ShopMode.DEMO or settings.jwt_secret is None:
        return None
    return DemoSigner(
        secret=settings.jwt_secret.get_secret_value(),
        issuer=settings.jwt_issuer,
        audience=settings.jwt_audience,
    )


def _form_secret(settings: Settings) -> str:
    """Derive a secret that all instances share and that is of no use for tokens.

    Where tokens are signed elsewhere there is no secret of ours but Stripe's.
    """
    known = settings.jwt_secret or settings.stripe_secret_key
    return hmac.new(known.get_secret_value().encode(), FORMS, sha256).hexdigest()
