"""The shop's pages, put together."""

from collections.abc import AsyncIterator, Mapping
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
from entrypoints.storefront.config import StorefrontConfig, forms_lead_to
from entrypoints.storefront.programs import ProgramPages
from entrypoints.storefront.purchases import (
    PurchasePages,
    ReceiptPages,
    RefundPages,
    ReturnPages,
)
from entrypoints.storefront.refusals import (
    form_refused,
    page_broke,
    page_refused,
    service_refused,
)
from entrypoints.storefront.service_api import ServiceRefused
from entrypoints.storefront.session import KnowsVisitors
from entrypoints.storefront.sign_in import (
    DemoSignInPages,
    SignInPages,
    SignOutPages,
)
from entrypoints.storefront.visitors import AnyRequest, Visitor, visitor_of

# A checkout may work under its lock for 8 s and wait as long for it.
PATIENCE: Final = 30.0
BODY_MAX: Final = 64 * 1024  # bytes, of one form
HSTS: Final = {"Strict-Transport-Security": "max-age=63072000; includeSubDomains"}
STYLES: Final = Path(__file__).with_name("storefront.css").read_text("utf-8")
ICON: Final = Path(__file__).with_name("storefront.svg").read_text("utf-8")
HANDLERS: Final[list[ControllerRouterHandler]] = [
    ProgramPages,
    ReturnPages,
    PurchasePages,
    ReceiptPages,
    RefundPages,
    SignOutPages,
    *BACKOFFICE,
]


def create_storefront(
    config: StorefrontConfig, *, transport: httpx.AsyncBaseTransport | None = None
) -> Litestar:
    """Build the shop.

    `transport`: the way to the service, if it is not the network.
    """
    sign_in = DemoSignInPages if config.demo else SignInPages
    app = Litestar(
        [*HANDLERS, sign_in, styles, icon],
        before_send=[partial(_guard, always=_headers(config))],
        csrf_config=CSRFConfig(
            secret=config.form_secret,
            cookie_name=config.form_cookie,
            cookie_httponly=True,
            cookie_secure=config.is_secure,
            cookie_samesite="lax",
        ),
        dependencies={"visitor": Provide(_visitor)},
        exception_handlers={
            Exception: page_broke,
            HTTPException: page_refused,
            PermissionDeniedException: form_refused,
            ServiceRefused: service_refused,
        },
        lifespan=[partial(_connected, transport=transport)],
        logging_config=None,
        openapi_config=None,
        request_max_body_size=BODY_MAX,
        state=State({"config": config}),
        template_config=TemplateConfig(instance=_templates()),
    )
    app.asgi_handler = KnowsVisitors(app=app.asgi_handler, config=config)
    return app


@get(
    "/storefront.css",
    media_type=MediaType.CSS,
    cache_control=CacheControlHeader(max_age=300),
)
async def styles() -> Response[str]:
    return Response(STYLES, media_type=MediaType.CSS)


@get(
    "/storefront.svg",
    media_type="image/svg+xml",
    cache_control=CacheControlHeader(max_age=86400),
)
async def icon() -> Response[str]:
    return Response(ICON, media_type="image/svg+xml")


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
        "wait": formats.wait,
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
    """Allow our own styles, and forms that lead where people pay or sign in."""
    forms = forms_lead_to(config.payment_origin, config.sign_in_url)
    return (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none';"
        f" frame-ancestors 'none'; {forms}"
    )


def _headers(config: StorefrontConfig) -> Mapping[str, str]:
    return {
        "Cache-Control": "no-store",
        "Content-Security-Policy": _policy(config),
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        **(HSTS if config.is_secure else {}),
    }


async def _guard(message: Message, scope: Scope, *, always: Mapping[str, str]) -> None:  # noqa: ARG001
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    for name, text in always.items():
        headers.setdefault(name, text)
