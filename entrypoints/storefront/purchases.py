"""Coming back from the payment page, and looking after what one bought."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import urlencode

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect, Template

from entrypoints.storefront.answers import PurchaseAnswer
from entrypoints.storefront.leaves import Leaf, PageNumber
from entrypoints.storefront.programs import to_payment
from entrypoints.storefront.service_api import BOUGHT_SIZE, part
from entrypoints.storefront.visitors import Visitor, see

COMPLETED: Final = "completed"
PENDING: Final = "pending"
# Seconds between two looks: soon while the answer is on its way, and with patience when
# a bank takes its time.  After ten minutes or so the page says what to do instead.
SOON: Final = 2
SOON_LOOKS: Final = 15
LATER: Final = 20
LOOKS_MAX: Final = 45


class Notice(StrEnum):
    """What a page may be told to say; nobody else's words get onto it."""

    CANCELLED = "cancelled"
    CANCELLING = "cancelling"


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseForm:
    purchase_id: str


class ReturnPages(Controller):
    """Where the payment page sends its visitors."""

    path = "/purchase"

    @get("/success")
    async def success(
        self,
        visitor: NamedDependency[Visitor],
        session_id: FromQuery[str | None] = None,
        purchase_id: FromQuery[str | None] = None,
        looks: FromQuery[int] = 0,
    ) -> Template:
        purchase = await _paid_for(visitor, session_id, purchase_id)
        is_waiting = purchase.status == PENDING
        again = _again(session_id, purchase_id, looks)
        return visitor.sees(
            "success.html",
            purchase=purchase,
            again=again if is_waiting and looks < LOOKS_MAX else None,
            look=again.look if is_waiting else None,
        )

    @get("/cancel")
    async def cancelled(
        self, visitor: NamedDependency[Visitor], purchase_id: FromQuery[str]
    ) -> Template:
        purchase = await visitor.api.purchase(purchase_id)
        zone = await visitor.api.time_zone(purchase.program_id)
        return visitor.sees("cancel.html", purchase=purchase, zone=zone)


class PurchasePages(Controller):
    path = "/purchases"

    @get()
    async def overview(
        self,
        visitor: NamedDependency[Visitor],
        notice: FromQuery[Notice | None] = None,
        page: PageNumber = 1,
    ) -> Template:
        pending = await visitor.api.pending() if page == 1 else []
        bought = await visitor.api.bought(page)
        zones = await _zones(visitor, pending)
        return visitor.sees(
            "purchases.html",
            pending=pending,
            bought=bought.items,
            leaf=Leaf(page=page, size=BOUGHT_SIZE, total=bought.total),
            notice=notice,
            zones=zones,
        )

    @post("/retry")
    async def retry(
        self, visitor: NamedDependency[Visitor], data: URLEncodedBody[PurchaseForm]
    ) -> Redirect:
        return to_payment(await visitor.api.retry(data.purchase_id))

    @post("/cancel")
    async def cancel(
        self, visitor: NamedDependency[Visitor], data: URLEncodedBody[PurchaseForm]
    ) -> Redirect:
        is_final = await visitor.api.cancel(data.purchase_id)
        notice = Notice.CANCELLED if is_final else Notice.CANCELLING
        return see("/purchases", notice=notice)


class RefundPages(Controller):
    """Giving a place back: what it means is said first, and how it stands after."""

    path = "/purchases/{purchase_id:str}/refund"

    @get()
    async def offer(
        self, visitor: NamedDependency[Visitor], purchase_id: FromPath[str]
    ) -> Template:
        receipt = await visitor.api.receipt(purchase_id)
        told = await visitor.api.refund_eligibility(purchase_id)
        return visitor.sees("refund.html", receipt=receipt, told=told)

    @post()
    async def ask(
        self, visitor: NamedDependency[Visitor], purchase_id: FromPath[str]
    ) -> Redirect:
        await visitor.api.refund(purchase_id)
        return see(f"/purchases/{part(purchase_id)}/refund")


class ReceiptPages(Controller):
    """The address in the confirmation mail."""

    @get("/dashboard/purchase-receipt/{purchase_id:str}")
    async def receipt(
        self, visitor: NamedDependency[Visitor], purchase_id: FromPath[str]
    ) -> Template:
        receipt = await visitor.api.receipt(purchase_id)
        return visitor.sees("receipt.html", receipt=receipt)


async def _paid_for(
    visitor: Visitor, session_id: str | None, purchase_id: str | None
) -> PurchaseAnswer:
    """Ask about the session, so that the page is right before any webhook came."""
    if session_id is not None:
        return await visitor.api.verify(session_id)
    if purchase_id is not None:
        return await visitor.api.purchase(purchase_id)
    raise NotFoundException("This address names no purchase.")


async def _zones(
    visitor: Visitor, purchases: Sequence[PurchaseAnswer]
) -> Mapping[str, str]:
    """Return the time zone of each program, asked for once."""
    programs = sorted({purchase.program_id for purchase in purchases})
    zones = await asyncio.gather(*map(visitor.api.time_zone, programs))
    return dict(zip(programs, zones, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAgain:
    """A page that reloads itself, ever less often."""

    seconds: int
    query: str

    @property
    def look(self) -> str:
        """Return the address of the same page from the beginning, for a person."""
        return f"/purchase/success?{self.query.rpartition('&looks=')[0]}"


def _again(session_id: str | None, purchase_id: str | None, looks: int) -> LookAgain:
    asked = {"session_id": session_id, "purchase_id": purchase_id}
    query = {key: value for key, value in asked.items() if value is not None}
    query["looks"] = str(looks + 1)
    seconds = SOON if looks < SOON_LOOKS else LATER
    return LookAgain(seconds=seconds, query=urlencode(query))
