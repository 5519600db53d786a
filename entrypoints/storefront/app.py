"""The shop's pages, put together."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final

import httpx
from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from litestar import Litestar, MediaType, Response, get
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import CacheControlHeader, MutableScopeHeaders, State
from litestar.di import Provide
from litestar.exceptions import HTTPException, PermissionDeniedException
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template import TemplateConfig
from litestar.template.base import csrf_token
from litestar.types import ControllerRouterHandler, Message, Scope
from markupsafe import Markup

from entrypoints.backoffice.pages import BACKOFFICE, furnish
from entrypoints.storefront import formats, wording
from entrypoints.storefront.config import StorefrontConfig
from entrypoints.storefront.programs import ProgramPages
from entrypoints.storefront.purchases import PurchasePages, ReceiptPages, ReturnPages
from entrypoints.storefront.refusals import (
    FORM_COOKIE,
    form_refused,
    page_refused,
    service_refused,
)
from entrypoints.storefront.service_api import ServiceRefused
from entrypoints.storefront.sign_in import SignInPages
from entrypoints.storefront.visitors import AnyRequest, Visitor, visitor_of

# A checkout may work under its lock for 8 s and wait as long for it.
PATIENCE: Final = 30.0
STYLES: Final = Path(__file__).with_name("storefront.css").read_text("utf-8")
HANDLERS: Final[list[ControllerRouterHandler]] = [
    ProgramPages,
    ReturnPages,
    PurchasePages,
    ReceiptPages,
    SignInPages,
    *BACKOFFICE,
]


def create_storefront(
    config: StorefrontConfig, *, transport: httpx.AsyncBaseTransport | None = None
) -> Litestar:
    """Build the shop.  `transport` stands in for the network in tests."""
    return Litestar(
        [*HANDLERS, styles],
        before_send=[partial(_guard, policy=_policy(config))],
        csrf_config=CSRFConfig(
            secret=config.csrf_secret,
            cookie_name=FORM_COOKIE,
            cookie_httponly=True,
            cookie_samesite="lax",
        ),
        dependencies={"visitor": Provide(_visitor)},
        exception_handlers={
            HTTPException: page_refused,
            PermissionDeniedException: form_refused,
            ServiceRefused: service_refused,
        },
        lifespan=[partial(_connected, transport=transport)],
        logging_config=None,
        openapi_config=None,
        state=State({"config": config}),
        template_config=TemplateConfig(instance=_templates()),
    )


@get(
    "/storefront.css",
    media_type=MediaType.CSS,
    cache_control=CacheControlHeader(max_age=300),
)
async def styles() -> Response[str]:
    return Response(STYLES, media_type=MediaType.CSS)


async def _visitor(request: AnyRequest) -> Visitor:
    # A handler of exceptions cannot wait for a form, and may have to repeat it.
    request.state.sent = await request.form() if request.method == "POST" else {}
    return visitor_of(request)


def _connected(
    app: Litestar, *, transport: httpx.AsyncBaseTransport | None
) -> AbstractAsyncContextManager[None]:
    @asynccontextmanager
    async def connected() -> AsyncIterator[None]:
        config: StorefrontConfig = app.state.config
        async with httpx.AsyncClient(
            base_url=config.api_url, timeout=PATIENCE, transport=transport
        ) as app.state.http:
            yield

    return connected()


def _templates() -> JinjaTemplateEngine:
    environment = Environment(
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {
        "local_time": formats.local_time,
        "money": formats.money,
        "off": formats.off,
        "status": wording.status,
        "closed": wording.closed,
        "refund": wording.refund,
        "payment_method": wording.payment_method,
    }
    environment.globals["form_token"] = _form_token
    environment.loader = furnish(environment, PackageLoader("entrypoints.storefront"))
    return JinjaTemplateEngine.from_environment(environment)


@pass_context
def _form_token(context: Context) -> Markup:
    """Prove with a form that this shop handed it out to this browser."""
    field = Markup('<input type="hidden" name="_csrf_token" value="{}">')
    return field.format(csrf_token(context.get_all()))


def _policy(config: StorefrontConfig) -> str:
    """Allow the page its own styles and forms, and the payment page after a form."""
    return (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none';"
        f" frame-ancestors 'none'; form-action 'self' {config.payment_origin}"
    )


async def _guard(message: Message, scope: Scope, *, policy: str) -> None:  # noqa: ARG001
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    headers.setdefault("Content-Security-Policy", policy)
    headers["Referrer-Policy"] = "same-origin"
    headers["X-Content-Type-Options"] = "nosniff"
    headers.setdefault("Cache-Control", "no-store")
