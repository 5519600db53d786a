"""A buyer's own purchases."""

from datetime import datetime

from litestar import Controller, Response, delete, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.status_codes import HTTP_200_OK, HTTP_202_ACCEPTED

from application.cancel_purchase import CancelPurchase
from application.check_access import AccessReason, CheckAccess
from application.ports.purchases import PurchasePage
from application.verify_session import VerifySession
from application.view_purchases import ViewPurchases
from domain.purchase import Purchase
from entrypoints.http import samples
from entrypoints.http.auth import Caller
from entrypoints.http.limits import RATE_LIMITS, Limit
from entrypoints.http.openapi import accepted, refusals
from entrypoints.http.paths import to_program_id, to_purchase_id, to_session_id
from entrypoints.http.shapes import (
    PAGE_SIZE,
    BillingShape,
    Page,
    PageNumber,
    PageSize,
    PaymentMethodShape,
    PurchaseShape,
    QuoteShape,
    RefundShape,
    Shape,
    Success,
    WireStatus,
    billing_of,
    payment_method_of,
    wire_status,
)


class BuyerShape(Shape):
    name: str
    email: str


class ReceiptShape(Shape):
    """`refundedAmount` is what refunds gave back or are about to, in minor units."""

    id: str
    order_number: str
    purchase_date: datetime
    program_id: str
    program_title: str
    program_type: str
    time_zone: str
    buyer: BuyerShape
    quote: QuoteShape
    status: WireStatus
    payment_method: PaymentMethodShape | None
    billing_info: BillingShape | None
    refunds: list[RefundShape]
    refunded_amount: int

    @classmethod
    def of(cls, purchase: Purchase) -> "ReceiptShape":
        buyer, program = purchase.buyer, purchase.program
        return cls(
            id=purchase.id,
            order_number=purchase.order_number,
            purchase_date=purchase.completed_at or purchase.updated_at,
            program_id=program.id,
            program_title=program.title,
            program_type=program.program_type,
            time_zone=program.time_zone,
            buyer=BuyerShape(name=buyer.name, email=buyer.email),
            quote=QuoteShape.of(purchase.quote),
            status=wire_status(purchase),
            payment_method=payment_method_of(purchase),
            billing_info=billing_of(purchase),
            refunds=[RefundShape.of(refund) for refund in purchase.refunds],
            refunded_amount=purchase.refunded_amount,
        )


class AccessShape(Shape):
    has_access: bool
    reason: AccessReason


def _page(found: PurchasePage, page: int, size: int) -> Page[PurchaseShape]:
    return Page(
        items=[PurchaseShape.of(purchase) for purchase in found.items],
        page=page,
        page_size=size,
        total=found.total,
    )


class PurchaseController(Controller):
    path = "/api/purchases"
    tags = ("Purchases",)

    @get(
        "/verify-session/{session_id:str}",
        responses=refusals(samples.NO_PURCHASE, samples.MODE),
        summary="Look up the purchase of a payment page",
    )
    async def verify(
        self,
        session_id: FromPath[str],
        caller: NamedDependency[Caller],
        verify_session: NamedDependency[VerifySession],
    ) -> Success[PurchaseShape]:
        """Ask Stripe first while it is unpaid: a webhook may come later."""
        purchase = await verify_session(caller.id, to_session_id(session_id))
        return Success(data=PurchaseShape.of(purchase))

    @get(
        "/my-purchases",
        responses=refusals(samples.BAD_QUERY),
        summary="List what I bought, refunds included",
    )
    async def bought(
        self,
        caller: NamedDependency[Caller],
        view_purchases: NamedDependency[ViewPurchases],
        page: PageNumber = 1,
        page_size: PageSize = PAGE_SIZE,
    ) -> Success[Page[PurchaseShape]]:
        found = await view_purchases.bought(caller.id, page=page, size=page_size)
        return Success(data=_page(found, page, page_size))

    @get(
        "/my-pending-purchases",
        responses=refusals(samples.BAD_QUERY),
        summary="List what I have begun to buy",
    )
    async def pending(
        self,
        caller: NamedDependency[Caller],
        view_purchases: NamedDependency[ViewPurchases],
        page: PageNumber = 1,
        page_size: PageSize = PAGE_SIZE,
    ) -> Success[Page[PurchaseShape]]:
        found = await view_purchases.pending(caller.id, page=page, size=page_size)
        return Success(data=_page(found, page, page_size))

    @get(
        "/check-access/{program_id:str}",
        responses=refusals(samples.NO_PROGRAM),
        summary="May I enter this program?",
    )
    async def access(
        self,
        program_id: FromPath[str],
        caller: NamedDependency[Caller],
        check_access: NamedDependency[CheckAccess],
    ) -> Success[AccessShape]:
        reason = await check_access(
            caller.id, to_program_id(program_id), is_admin=caller.is_admin
        )
        return Success(data=AccessShape(has_access=reason.has_access, reason=reason))

    @get(
        "/{purchase_id:str}",
        responses=refusals(samples.NO_PURCHASE),
        summary="Show one of my purchases",
    )
    async def one(
        self,
        purchase_id: FromPath[str],
        caller: NamedDependency[Caller],
        view_purchases: NamedDependency[ViewPurchases],
    ) -> Success[PurchaseShape]:
        purchase = await view_purchases.one(caller.id, to_purchase_id(purchase_id))
        return Success(data=PurchaseShape.of(purchase))

    @get(
        "/{purchase_id:str}/receipt",
        responses=refusals(samples.NO_PURCHASE, samples.NO_RECEIPT),
        summary="Show the receipt of a completed purchase",
    )
    async def receipt(
        self,
        purchase_id: FromPath[str],
        caller: NamedDependency[Caller],
        view_purchases: NamedDependency[ViewPurchases],
    ) -> Success[ReceiptShape]:
        purchase = await view_purchases.receipt(caller.id, to_purchase_id(purchase_id))
        return Success(data=ReceiptShape.of(purchase))

    @delete(
        "/{purchase_id:str}",
        opt={RATE_LIMITS: (Limit.CANCEL,)},
        responses=accepted(Success[PurchaseShape])
        | refusals(samples.NO_PURCHASE, samples.OWNED, samples.MODE, samples.TOO_MANY),
        status_code=HTTP_200_OK,
        summary="Cancel a purchase that is not paid",
    )
    async def cancel(
        self,
        purchase_id: FromPath[str],
        caller: NamedDependency[Caller],
        cancel_purchase: NamedDependency[CancelPurchase],
    ) -> Response[Success[PurchaseShape]]:
        """Cancel; 202 says that Stripe has yet to confirm.  Twice is like once."""
        purchase = await cancel_purchase(caller.id, to_purchase_id(purchase_id))
        return Response(
            Success(data=PurchaseShape.of(purchase)),
            status_code=HTTP_200_OK if purchase.is_terminal else HTTP_202_ACCEPTED,
        )
