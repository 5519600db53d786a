"""Who looks at a page, and the cookie that says so."""

from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import urlencode

import httpx
from litestar import Request
from litestar.datastructures import Cookie
from litestar.response import Redirect, Template

from entrypoints.storefront.config import SESSION_LIFE, StorefrontConfig
from entrypoints.storefront.people import Person, person_behind
from entrypoints.storefront.service_api import ServiceApi

SESSION_COOKIE: Final = "spothold_session"
SEE_OTHER: Final = 303

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """A person, or nobody yet, and the service as they may use it."""

    person: Person | None
    api: ServiceApi
    inbox_url: str | None

    def sees(self, template: str, *, status: int = 200, **facts: object) -> Template:
        """Render a page that also knows who reads it."""
        context = {"visitor": self, "status": status, **facts}
        return Template(template, context=context, status_code=status)


def visitor_of(request: AnyRequest) -> Visitor:
    """Read the cookie.  A token that is no good any more counts as none."""
    config = cast("StorefrontConfig", request.app.state.config)
    http = cast("httpx.AsyncClient", request.app.state.http)
    token = request.cookies.get(SESSION_COOKIE)
    person = person_behind(token, config)
    api = ServiceApi(http=http, token=token if person else None)
    return Visitor(person=person, api=api, inbox_url=config.inbox_url)


def session_cookie(token: str) -> Cookie:
    """Keep the token from scripts, and from forms on other sites."""
    return Cookie(
        key=SESSION_COOKIE,
        value=token,
        httponly=True,
        samesite="lax",
        max_age=int(SESSION_LIFE.total_seconds()),
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
