"""Who looks at a page, and the service as they may use it."""

from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import urlencode

import httpx
from litestar import Request
from litestar.response import Redirect, Template

from entrypoints.storefront.config import StorefrontConfig
from entrypoints.storefront.people import Person, Session
from entrypoints.storefront.service_api import Origin, ServiceApi

PASSED_ON: Final = ("Host", "X-Forwarded-For", "X-Forwarded-Proto", "X-Request-Id")
SEE_OTHER: Final = 303

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """A person, or nobody yet, and the service as they may use it."""

    person: Person | None
    api: ServiceApi
    inbox_url: str | None
    moves_money: bool
    is_demo: bool

    def sees(self, template: str, *, status: int = 200, **facts: object) -> Template:
        """Render a page that also knows who reads it."""
        context = {"visitor": self, "status": status, **facts}
        return Template(template, context=context, status_code=status)


def visitor_of(request: AnyRequest) -> Visitor:
    """Say who looks.  A token that is no good any more counts as none."""
    config = config_of(request)
    http = cast("httpx.AsyncClient", request.app.state.http)
    session = cast("Session | None", request.scope.get("user"))
    api = ServiceApi(
        http=http,
        token=session.token if session else None,
        origin=_origin_of(request),
    )
    return Visitor(
        person=session.person if session else None,
        api=api,
        inbox_url=config.inbox_url,
        moves_money=config.moves_money,
        is_demo=config.demo is not None,
    )


def config_of(request: AnyRequest) -> StorefrontConfig:
    return cast("StorefrontConfig", request.app.state.config)


def _origin_of(request: AnyRequest) -> Origin:
    """Pass on what tells the visitor's address and the host that they asked."""
    client = request.client
    return Origin(
        address=(client.host, client.port) if client else None,
        headers=tuple(
            (name, text)
            for name in PASSED_ON
            for text in request.headers.getall(name, [])
        ),
    )


def see(path: str, **query: str) -> Redirect:
    """Send the browser on with a GET, so that a reload never posts twice."""
    address = f"{path}?{urlencode(query)}" if query else path
    return Redirect(address, status_code=SEE_OTHER)


def to_sign_in(back_to: str) -> Redirect:
    return see("/sign-in", next=back_to)


def local_path(wanted: str | None) -> str:
    """Return a path of this shop; the front page when it leads anywhere else."""
    is_local = wanted is not None and wanted.startswith("/")
    if wanted is None or not is_local or wanted.startswith(("//", "/\\")):
        return "/"
    return wanted if wanted.isprintable() else "/"
