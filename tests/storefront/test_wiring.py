"""The shop as the settings want it, around a service."""

from typing import Any

import httpx
import pytest
from litestar import Litestar, Request, get
from litestar.testing import AsyncTestClient
from pydantic import SecretStr, ValidationError

from entrypoints.settings import Settings
from entrypoints.shop import beside_the_service, storefront_config
from tests.storefront.scripted_service import listed

HANDED_OVER = {"storefront": "on", "sign_in_url": "https://login.example/"}
IN_PRODUCTION = {
    **HANDED_OVER,
    "app_env": "production",
    "allowed_hosts": ("shop.example",),
    "frontend_url": "https://shop.example",
}
BY_KEYS = {
    "jwt_algorithm": "RS256",
    "jwt_jwks_url": "https://id.example/keys",
    "jwt_secret": None,
}


def settings_with(**changes: object) -> Settings:
    known: dict[str, object] = {
        "frontend_url": "http://127.0.0.1:8000",
        "jwt_secret": SecretStr("s" * 32),
        "smtp_url": SecretStr("smtp://127.0.0.1:1025"),
        "stripe_api_base": "http://127.0.0.1:12111",
        "stripe_secret_key": SecretStr("sk_test_1"),
        "stripe_webhook_secret": (SecretStr("whsec_1"),),
    }
    return Settings.model_validate({**known, **changes})


def test_only_a_demo_signs_tokens_itself() -> None:
    demo = storefront_config(settings_with(storefront="demo"), inbox_url=None)
    assert demo.demo is not None
    on = storefront_config(settings_with(**HANDED_OVER), inbox_url=None)
    assert on.demo is None


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"storefront": "on"}, "SIGN_IN_URL"),
        ({"storefront": "yes"}, "'off', 'on' or 'demo'"),
        ({"storefront": "demo", **BY_KEYS}, "never in production"),
        ({**IN_PRODUCTION, "storefront": "demo"}, "never in production"),
        ({**IN_PRODUCTION, "frontend_url": "http://shop.example"}, "https addresses"),
        ({**IN_PRODUCTION, "sign_in_url": "http://login.example"}, "https addresses"),
        ({**HANDED_OVER, "sign_in_url": "login.example"}, "http or https"),
        ({**HANDED_OVER, "checkout_url": "https://pay; x"}, "http or https"),
    ],
)
def test_pages_that_would_be_unsafe_do_not_start(
    changes: dict[str, object], complaint: str
) -> None:
    with pytest.raises(ValidationError, match=complaint):
        settings_with(**changes)


@pytest.mark.parametrize(
    ("changes", "origin"),
    [
        ({}, "http://127.0.0.1:12111"),
        ({"stripe_api_base": "https://api.stripe.com"}, "https://checkout.stripe.com"),
        ({"checkout_url": "https://pay.example/"}, "https://pay.example"),
    ],
)
def test_forms_may_lead_to_the_payment_page_and_not_to_the_api(
    changes: dict[str, object], origin: str
) -> None:
    assert settings_with(**changes).checkout_origin == origin


@pytest.mark.parametrize(
    ("changes", "is_secure"),
    [
        ({}, False),
        ({"frontend_url": "https://staging.shop.example"}, True),
        (IN_PRODUCTION, True),
    ],
    ids=["plain", "staging", "production"],
)
def test_pages_behind_tls_keep_their_cookies_to_it(
    changes: dict[str, object], *, is_secure: bool
) -> None:
    settings = settings_with(**{**HANDED_OVER, **changes})
    assert storefront_config(settings, inbox_url=None).is_secure is is_secure


def test_form_secrets_tell_neither_of_the_others() -> None:
    secrets = {
        storefront_config(
            settings_with(**HANDED_OVER, **keys), inbox_url=None
        ).form_secret
        for keys in ({}, BY_KEYS)
    }
    assert len(secrets) == 2
    assert not secrets & {"s" * 32, "sk_test_1", ""}


@get("/api/programs")
async def echo(request: Request[Any, Any, Any]) -> dict[str, object]:
    """Answer with a program whose title says how the service was asked."""
    host = request.client.host if request.client else "?"
    seen = f"{host} | {request.headers['Host']} | " + ", ".join(
        request.headers.getall("X-Forwarded-For", [])
    )
    program = {
        "id": "choir",
        "title": seen,
        "programType": "Webinar",
        "fullPrice": 1,
        "currency": "usd",
        "isFree": False,
        "classRepLimit": 0,
        "spotsLeft": None,
        "classRepDiscount": 0,
        "earlyBirdDiscount": 0,
        "earlyBirdDeadline": None,
        "timeZone": "UTC",
    }
    return {"data": listed(program)}


async def test_the_service_sees_the_visitor_and_not_the_shop() -> None:
    both: Any = beside_the_service(
        Litestar([echo], openapi_config=None), settings_with(storefront="demo")
    )
    async with AsyncTestClient(both):
        transport = httpx.ASGITransport(app=both, client=("203.0.113.7", 5000))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://shop.example"
        ) as visitor:
            page = await visitor.get("/", headers={"X-Forwarded-For": "198.51.100.9"})
    assert "203.0.113.7 | shop.example | 198.51.100.9" in page.text


def test_without_a_shop_there_is_the_service_alone() -> None:
    service = Litestar([echo], openapi_config=None)
    assert beside_the_service(service, settings_with()) is service
