"""All purchases, and one with its timeline."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Final
from urllib.parse import urlencode

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Template

from entrypoints.backoffice.admin_api import attempt
from entrypoints.backoffice.answers.purchases import PurchaseList
from entrypoints.backoffice.desk import Desk
from entrypoints.backoffice.purchase_deeds import DONE, Done, acts_for
from entrypoints.storefront.service_api import ServiceRefused

AREA: Final = "purchases"
PAGE_SIZE: Final = "20"
STATUSES: Final = (
    "pending",
    "completed",
    "refund_processing",
    "refunded",
    "refund_failed",
    "failed",
)
MONEYS: Final = (
    ("open", "Has yet to go back"),
    ("troubled", "Waits for a human or a bank"),
)
NOTHING: Final = PurchaseList(items=[], page=1, page_size=20, total=0)
PageNumber = Annotated[int, QueryParameter(name="page", ge=1, le=100_000)]


class PurchasePages(Controller):
    path = "/purchases"

    @get()
    async def overview(
        self,
        *,
        desk: NamedDependency[Desk],
        search: FromQuery[str] = "",
        status: FromQuery[str] = "",
        program: FromQuery[str] = "",
        since: FromQuery[str] = "",
        until: FromQuery[str] = "",
        money: FromQuery[str] = "",
        page: PageNumber = 1,
    ) -> Template:
        chosen = {
            "search": search.strip(),
            "status": status,
            "program": program.strip(),
            "since": since,
            "until": until,
            "money": money,
        }
        found = await attempt(desk.api.purchases(_query(chosen, page)))
        refused = found if isinstance(found, ServiceRefused) else None
        return desk.sees(
            "purchases.html",
            area=AREA,
            status=refused.status if refused else HTTPStatus.OK,
            chosen=chosen,
            found=NOTHING if isinstance(found, ServiceRefused) else found,
            link=_link(chosen),
            moneys=MONEYS,
            refusal=refused,
            statuses=STATUSES,
        )

    @get("/{purchase_id:str}")
    async def one(
        self,
        desk: NamedDependency[Desk],
        purchase_id: FromPath[str],
        done: FromQuery[Done | None] = None,
    ) -> Template:
        file = await desk.api.purchase(purchase_id)
        return desk.sees(
            "purchase.html",
            area=AREA,
            file=file,
            acts=acts_for(file.purchase),
            done=DONE[done] if done else None,
            newest_first=file.timeline[::-1],
        )


def _query(chosen: Mapping[str, str], page: int) -> Mapping[str, str]:
    """Ask as the API is asked."""
    return {
        "search": chosen["search"],
        "status": chosen["status"],
        "programId": chosen["program"],
        "from": chosen["since"],
        "to": chosen["until"],
        "money": chosen["money"],
        "page": str(page),
        "pageSize": PAGE_SIZE,
    }


def _link(chosen: Mapping[str, str]) -> str:
    """Return the address of this choice, to which a page number can be added."""
    kept = {name: value for name, value in chosen.items() if value}
    return f"/admin/purchases?{urlencode(kept)}{'&' if kept else ''}page="
