"""A buyer gives a purchase back."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.openapi.spec import Example
from litestar.params import BodyKwarg, FromPath
from litestar.status_codes import HTTP_200_OK

from application.refund_eligibility import Eligibility, RefundEligibility
from application.request_refund import RequestRefund, RequestRefundCommand
from domain.ids import PurchaseId
from entrypoints.http import samples
from entrypoints.http.auth import Caller
from entrypoints.http.limits import RATE_LIMITS, Limit
from entrypoints.http.openapi import refusals
from entrypoints.http.paths import WHOLE_ID_PATTERN, to_purchase_id
from entrypoints.http.shapes import PurchaseShape, Shape, Success
from entrypoints.http.trail_notes import regards


class RefundRequest(
    msgspec.Struct, rename="camel", forbid_unknown_fields=True, frozen=True
):
    purchase_id: Annotated[str, msgspec.Meta(pattern=WHOLE_ID_PATTERN)]


RefundBody = Annotated[
    RefundRequest,
    BodyKwarg(
        media_type=RequestEncodingType.JSON,
        examples=[Example(value={"purchaseId": samples.PURCHASE})],
    ),
]


class EligibilityShape(Shape):
    """What would go back, in minor units; `reason` is why nothing would."""

    eligible: bool
    amount: int
    currency: str
    deadline: datetime | None
    reason: str | None
    message: str | None

    @classmethod
    def of(cls, told: Eligibility) -> "EligibilityShape":
        return cls(
            eligible=told.is_eligible,
            amount=told.amount.amount,
            currency=told.amount.currency.code,
            deadline=told.deadline,
            reason=told.why_not,
            message=told.message,
        )


class RefundController(Controller):
    path = "/api/purchases"
    tags = ("Refunds",)

    @get(
        "/refund-eligibility/{purchase_id:str}",
        responses=refusals(samples.NO_PURCHASE),
        summary="Can I give this purchase back, and until when?",
    )
    async def eligibility(
        self,
        purchase_id: FromPath[str],
        caller: NamedDependency[Caller],
        refund_eligibility: NamedDependency[RefundEligibility],
    ) -> Success[EligibilityShape]:
        told = await refund_eligibility(caller.id, to_purchase_id(purchase_id))
        return Success(data=EligibilityShape.of(told))

    @post(
        "/refund",
        opt={RATE_LIMITS: (Limit.CANCEL,)},
        responses=refusals(
            *samples.BODY, samples.NO_PURCHASE, samples.TOO_MANY, *samples.REFUNDING
        ),
        status_code=HTTP_200_OK,
        summary="Give a purchase back, for all that was paid",
    )
    async def refund(
        self,
        data: RefundBody,
        caller: NamedDependency[Caller],
        request_name: NamedDependency[str | None],
        request_refund: NamedDependency[RequestRefund],
    ) -> Success[PurchaseShape]:
        """Answer how the purchase stands then.

        `refund_processing`: the money is under way, and access is kept until it has
        gone; `refunded`: it has; `refund_failed`: it did not go, and access is kept.
        """
        regards(data.purchase_id)
        command = RequestRefundCommand(
            purchase_id=PurchaseId(data.purchase_id),
            buyer_id=caller.id,
            name=request_name,
        )
        return Success(data=PurchaseShape.of(await request_refund(command)))
