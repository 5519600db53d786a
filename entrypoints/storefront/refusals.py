"""Every refusal as a page that says what happened and what to do next."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Final

import structlog
from litestar.exceptions import HTTPException, PermissionDeniedException
from litestar.response import Redirect, Template

from entrypoints.storefront.service_api import ServiceRefused
from entrypoints.storefront.session import forgotten
from entrypoints.storefront.visitors import (
    AnyRequest,
    config_of,
    to_sign_in,
    visitor_of,
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """The heading above the service's own sentence, and one step onwards."""

    heading: str
    link: str = "/"
    label: str = "Back to the programs"


LONGEST_WAIT: Final = 120  # seconds; nobody sits before a button for longer
TO_THE_PROGRAM: Final = "Back to the program"
MY_PURCHASES: Final = "See your purchases"
# By the service's code where it means something to a buyer, else by the status.
BY_CODE: Final[Mapping[str, Advice]] = {
    "already_purchased": Advice(
        heading="You already have a place",
        link="/purchases",
        label=MY_PURCHASES,
    ),
    "cannot_cancel_completed": Advice(
        heading="This purchase is complete", link="/purchases", label=MY_PURCHASES
    ),
    "other_choice_open": Advice(
        heading="Another checkout is open", link="/purchases", label=MY_PURCHASES
    ),
    "payment_under_way": Advice(
        heading="Your payment is on its way", link="/purchases", label=MY_PURCHASES
    ),
    "program_is_free": Advice(heading="There is nothing to pay"),
    "receipt_not_available": Advice(
        heading="There is no receipt yet", link="/purchases", label=MY_PURCHASES
    ),
    "class_rep_limit_reached": Advice(heading="All class-rep spots are taken"),
    "class_rep_cool_down": Advice(heading="A break from class-rep checkouts"),
    "not_refundable": Advice(
        heading="This cannot be given back now", link="/purchases", label=MY_PURCHASES
    ),
    "refund_under_way": Advice(
        heading="Your refund is on its way", link="/purchases", label=MY_PURCHASES
    ),
    "refund_window_closed": Advice(
        heading="It is too late to give this back",
        link="/purchases",
        label=MY_PURCHASES,
    ),
    "sales_paused": Advice(heading="Sales are paused for the moment"),
}
BY_STATUS: Final[Mapping[int, Advice]] = {
    HTTPStatus.BAD_REQUEST: Advice(heading="That did not work"),
    HTTPStatus.FORBIDDEN: Advice(heading="This is not for you"),
    HTTPStatus.NOT_FOUND: Advice(heading="There is nothing here"),
    HTTPStatus.CONFLICT: Advice(heading="That is not possible any more"),
    HTTPStatus.UNPROCESSABLE_ENTITY: Advice(heading="This cannot be charged"),
    HTTPStatus.TOO_MANY_REQUESTS: Advice(heading="A little slower, please"),
    HTTPStatus.BAD_GATEWAY: Advice(heading="The payment page did not open"),
    HTTPStatus.SERVICE_UNAVAILABLE: Advice(heading="One moment, please"),
}
# The framework's own words are not for buyers, and may quote the request.
IN_OUR_WORDS: Final[Mapping[int, str]] = {
    HTTPStatus.BAD_REQUEST: "The address or the form was not complete.",
    HTTPStatus.NOT_FOUND: "This address leads nowhere.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address is not made for that.",
}
OUR_FAULT: Final = (
    "The fault is ours. If you were paying, nothing is lost: look at your purchases."
)
TRY_AGAIN: Final = "Please go back and try again."
FALLBACK: Final = Advice(heading="Something went wrong")
WORTH_ANOTHER_TRY: Final = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
    }
)


def service_refused(
    request: AnyRequest, refused: ServiceRefused
) -> Template | Redirect:
    """Show the service's sentence; whom it does not know may sign in."""
    if refused.status == HTTPStatus.UNAUTHORIZED:
        return to_sign_in(_page_behind(request))
    is_worth_a_try = (
        refused.status in WORTH_ANOTHER_TRY
        and (refused.retry_after or 0) <= LONGEST_WAIT
    )
    return visitor_of(request).sees(
        "refusal.html",
        status=refused.status,
        advice=_advice(request, refused),
        detail=refused.detail,
        retry=_again(request) if is_worth_a_try else None,
        wait=refused.retry_after,
    )


def _advice(request: AnyRequest, refused: ServiceRefused) -> Advice:
    """Say what to do next; who was refused at a program goes back to it."""
    advice = BY_CODE.get(refused.code) or BY_STATUS.get(refused.status, FALLBACK)
    is_there = refused.status != HTTPStatus.NOT_FOUND
    is_a_program = request.url.path.startswith("/programs/")
    if request.method == "POST" and is_a_program and is_there and advice.link == "/":
        return replace(advice, link=_page_behind(request), label=TO_THE_PROGRAM)
    return advice


def page_refused(request: AnyRequest, error: HTTPException) -> Template:
    """Show what the shop itself refuses: a wrong address, a form it does not know."""
    advice = BY_STATUS.get(error.status_code, FALLBACK)
    return visitor_of(request).sees(
        "refusal.html",
        status=error.status_code,
        advice=advice,
        detail=IN_OUR_WORDS.get(error.status_code, TRY_AGAIN),
        retry=None,
        wait=None,
    )


def form_refused(request: AnyRequest, error: PermissionDeniedException) -> Template:
    """Refuse a form that this shop did not hand out, and hand out new ones.

    The old cookie goes, because its secret may be that of an earlier demo.
    """
    page = visitor_of(request).sees(
        "refusal.html",
        status=error.status_code,
        advice=Advice(heading="This form is out of date"),
        detail="Nothing was done. Please open the page again and repeat.",
        retry=None,
        wait=None,
    )
    config = config_of(request)
    page.cookies.append(forgotten(config.form_cookie, config))
    return page


def page_broke(request: AnyRequest, error: Exception) -> Template:
    """Own up to a fault of the pages; what it was is for the log alone."""
    log.error("page broke", path=request.url.path, exc_info=error)
    return visitor_of(request).sees(
        "refusal.html",
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
        advice=FALLBACK,
        detail=OUR_FAULT,
        retry=None,
        wait=None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """The same request once more, from a button."""

    action: str
    method: str
    fields: Mapping[str, str]


def _again(request: AnyRequest) -> Again:
    is_post = request.method == "POST"
    sent = request.state.sent if is_post else request.query_params
    fields = {key: str(value) for key, value in sent.items() if key[0] != "_"}
    return Again(
        action=request.url.path, method="post" if is_post else "get", fields=fields
    )


def _page_behind(request: AnyRequest) -> str:
    """Return the page to show after signing in: a form's page lies one step up."""
    if request.method == "POST":
        return request.url.path.rpartition("/")[0] or "/"
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path
