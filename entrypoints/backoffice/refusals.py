"""What the admin area answers to whom it cannot serve."""

from http import HTTPStatus
from typing import cast

from litestar import Response
from litestar.plugins.htmx import ClientRedirect, HTMXDetails
from litestar.response import Redirect, Template

from entrypoints.backoffice.desk import AdminsOnly, Desk, NobodySignedIn
from entrypoints.storefront.refusals import BY_STATUS, FALLBACK, Advice
from entrypoints.storefront.service_api import ServiceRefused
from entrypoints.storefront.visitors import AnyRequest, to_sign_in, visitor_of


def nobody_signed_in(
    request: AnyRequest, _error: NobodySignedIn
) -> Redirect | Response[None]:
    """Ask them to sign in, and lead them back; a script is told to open that page."""
    to = to_sign_in(_page_behind(request))
    return ClientRedirect(to.url) if HTMXDetails(request) else to


def admins_only(request: AnyRequest, _error: AdminsOnly) -> Template:
    """Say no in the shop's own page, from which they know the way back."""
    return visitor_of(request).sees(
        "refusal.html",
        status=HTTPStatus.FORBIDDEN,
        advice=Advice(heading="This is for admins"),
        detail="You are signed in as somebody who may buy, not as an admin.",
        retry=None,
        wait=None,
    )


def service_refused(
    request: AnyRequest, refused: ServiceRefused
) -> Template | Redirect | Response[None]:
    """Show the service's own sentence where no form can show it."""
    if refused.status == HTTPStatus.UNAUTHORIZED:
        return nobody_signed_in(request, NobodySignedIn())
    known: Desk = cast("Desk", request.state.desk)
    return known.sees(
        "refusal.html",
        area="",
        status=refused.status,
        heading=BY_STATUS.get(refused.status, FALLBACK).heading,
        refusal=refused,
        again=request.url.path if request.method == "GET" else None,
    )


def _page_behind(request: AnyRequest) -> str:
    """Return a page that can be opened: a form was sent from one at its own address."""
    details = HTMXDetails(request)
    if details:
        return details.current_url_abs_path or "/admin"
    query = request.url.query
    is_page = request.method == "GET" and query
    return f"{request.url.path}?{query}" if is_page else request.url.path
