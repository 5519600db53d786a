"""The admin area, put together for the pages app beside the shop."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from jinja2 import BaseLoader, ChoiceLoader, Environment, PackageLoader, PrefixLoader
from litestar import MediaType, Response, Router, get
from litestar.datastructures import CacheControlHeader
from litestar.di import Provide
from litestar.types import ControllerRouterHandler

from entrypoints.backoffice import formats, wording
from entrypoints.backoffice.audit import AuditPages
from entrypoints.backoffice.desk import AdminsOnly, NobodySignedIn, desk
from entrypoints.backoffice.findings import FindingPages
from entrypoints.backoffice.locks import LockPages
from entrypoints.backoffice.program_terms import ProgramTermPages
from entrypoints.backoffice.programs import ProgramPages
from entrypoints.backoffice.purchase_acts import PurchaseActPages
from entrypoints.backoffice.purchases import PurchasePages
from entrypoints.backoffice.refusals import (
    admins_only,
    nobody_signed_in,
    service_refused,
)
from entrypoints.backoffice.today import TodayPages
from entrypoints.backoffice.troubles import EventPages, MailPages, OrphanPages
from entrypoints.storefront.service_api import ServiceRefused

ASSETS: Final = Path(__file__).with_name("assets")
# The pinned version is in the name, so that a browser may keep it.
HTMX: Final = "htmx-2.0.11.min.js"
FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "moment": formats.moment,
    "second": formats.second,
    "day": formats.day,
    "span": formats.span,
    "milliseconds": formats.milliseconds,
    "typed_amount": formats.typed_amount,
    "admin_status": wording.status,
    "happened": wording.happened,
    "said": wording.said,
    "words": wording.words,
}


@get(
    f"/admin/assets/{HTMX}",
    media_type="text/javascript",
    cache_control=CacheControlHeader(max_age=86400, immutable=True),
    sync_to_thread=False,
)
def htmx() -> Response[bytes]:
    script = (ASSETS / HTMX).read_bytes()
    return Response(script, media_type="text/javascript")


@get(
    "/admin/assets/backoffice.css",
    media_type=MediaType.CSS,
    cache_control=CacheControlHeader(max_age=300),
    sync_to_thread=False,
)
def styles() -> Response[str]:
    text = (ASSETS / "backoffice.css").read_text("utf-8")
    return Response(text, media_type=MediaType.CSS)


BACKOFFICE: Final[Sequence[ControllerRouterHandler]] = (
    htmx,
    styles,
    Router(
        "/admin",
        route_handlers=[
            AuditPages,
            EventPages,
            FindingPages,
            LockPages,
            MailPages,
            OrphanPages,
            ProgramPages,
            ProgramTermPages,
            PurchaseActPages,
            PurchasePages,
            TodayPages,
        ],
        dependencies={"desk": Provide(desk)},
        exception_handlers={
            AdminsOnly: admins_only,
            NobodySignedIn: nobody_signed_in,
            ServiceRefused: service_refused,
        },
    ),
)


def furnish(environment: Environment, shops: BaseLoader) -> BaseLoader:
    """Give templates what ours need, and return where all of them are found.

    Ours are named `admin/…`, so none can be taken for one of the shop's.
    """
    environment.filters |= FILTERS
    environment.globals |= {"areas": wording.AREAS, "htmx": HTMX}
    ours = PrefixLoader({"admin": PackageLoader("entrypoints.backoffice")})
    return ChoiceLoader([shops, ours])
