"""The shop's settings in tests: a demo, and one where a provider signs people in."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import jwt

from entrypoints.http.tokens import JwtVerifier, SharedSecret
from entrypoints.shop import ReadByTheService
from entrypoints.storefront.config import StorefrontConfig
from entrypoints.storefront.demo_people import DemoSigner

SECRET: Final = "a secret of thirty-two bytes or more"
SIGN_IN_URL: Final = "https://login.example/sign-in"


def shop(**changes: Any) -> StorefrontConfig:
    """Return a demo's settings, but for `changes`."""
    known: dict[str, Any] = {
        "api_url": "http://service.test/api",
        "payment_origin": "http://127.0.0.1:12111",
        "form_secret": "another secret of thirty-two bytes",
        "read_token": ReadByTheService(
            tokens=JwtVerifier(
                keys=SharedSecret(secret=SECRET.encode()),
                algorithm="HS256",
                issuer="spothold",
                audience="spothold",
            )
        ),
        "shop_url": "http://shop.test",
        "demo": DemoSigner(secret=SECRET, issuer="spothold", audience="spothold"),
        "inbox_url": "http://127.0.0.1:8025",
    }
    return StorefrontConfig(**{**known, **changes})


def in_production(**changes: Any) -> StorefrontConfig:
    known: dict[str, Any] = {
        "payment_origin": "https://checkout.stripe.com",
        "shop_url": "https://shop.test",
        "sign_in_url": SIGN_IN_URL,
        "demo": None,
        "inbox_url": None,
        "is_secure": True,
        "moves_money": True,
    }
    return shop(**{**known, **changes})


def token(*, secret: str = SECRET, **changes: Any) -> str:
    """Sign as the provider does, but for `changes`."""
    claims = {
        "sub": "7f3a",
        "name": "Ada Lovelace",
        "email": "ada@example.org",
        "role": "user",
        "iss": "spothold",
        "aud": "spothold",
        "exp": datetime.now(UTC) + timedelta(minutes=30),
    }
    return jwt.encode({**claims, **changes}, secret, "HS256")
