"""Begin to pay."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Controller, Request, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.openapi.spec import Example
from litestar.params import BodyKwarg, FromPath
from litestar.status_codes import HTTP_200_OK

from application.retry_checkout import RetryCheckout
from application.start_checkout import (
    CheckoutAnswer,
    StartCheckout,
    StartCheckoutCommand,
)
from domain.ids import ProgramId
from entrypoints.http import samples
from entrypoints.http.auth import Caller
from entrypoints.http.limits import RATE_LIMITS, Limit
from entrypoints.http.openapi import refusals
from entrypoints.http.paths import WHOLE_ID_PATTERN, to_purchase_id
from entrypoints.http.shapes import QuoteShape, Shape, Success
from entrypoints.http.trail_notes import regards

PAYING = {RATE_LIMITS: (Limit.CHECKOUT, Limit.ADDRESS)}


class CheckoutRequest(
    msgspec.Struct, rename="camel", forbid_unknown_fields=True, frozen=True
):
    program_id: Annotated[str, msgspec.Meta(pattern=WHOLE_ID_PATTERN)]
    is_class_rep: bool = False


CheckoutBody = Annotated[
    CheckoutRequest,
    BodyKwarg(
        media_type=RequestEncodingType.JSON,
        examples=[Example(value={"programId": samples.PROGRAM, "isClassRep": True})],
    ),
]


class CheckoutToPay(Shape):
    """Send the buyer to `sessionUrl`.  `existing`: an earlier request began it."""

    session_id: str
    session_url: str
    existing: bool
    purchase_id: str
    order_number: str
    expires_at: datetime
    quote: QuoteShape


class CheckoutForFree(Shape):
    """The discounts left nothing to pay: the purchase is complete."""

    order_id: str
    existing: bool
    purchase_id: str
    order_number: str
    quote: QuoteShape
    session_id: None = None
    session_url: None = None
    expires_at: None = None
    is_free: Literal[True] = True


CheckoutShape = CheckoutToPay | CheckoutForFree


def checkout_shape(answer: CheckoutAnswer) -> CheckoutShape:
    purchase, session = answer.purchase, answer.purchase.session
    regards(purchase.id)
    quote = QuoteShape.of(purchase.quote)
    if session is None:
        return CheckoutForFree(
            order_id=purchase.order_number,
            existing=answer.existing,
            purchase_id=purchase.id,
            order_number=purchase.order_number,
            quote=quote,
        )
    return CheckoutToPay(
        session_id=session.id,
        session_url=session.url,
        existing=answer.existing,
        purchase_id=purchase.id,
        order_number=purchase.order_number,
        expires_at=session.expires_at,
        quote=quote,
    )


class CheckoutController(Controller):
    path = "/api/purchases"
    tags = ("Checkout",)

    @post(
        "/create-checkout-session",
        opt=PAYING,
        responses=refusals(*samples.BODY, *samples.PAYING),
        status_code=HTTP_200_OK,
        summary="Begin to pay for a program",
    )
    async def start(
        self,
        data: CheckoutBody,
        request: Request[Caller, Any, Any],
        start_checkout: NamedDependency[StartCheckout],
    ) -> Success[CheckoutShape]:
        """Lead to the payment page.

        Asked again with the same choice, it is the same page; asked with the other
        choice, the open page is closed first.
        """
        answer = await start_checkout(
            StartCheckoutCommand(
                buyer=request.user.buyer,
                program_id=ProgramId(data.program_id),
                as_class_rep=data.is_class_rep,
            )
        )
        return Success(data=checkout_shape(answer))

    @post(
        "/retry/{purchase_id:str}",
        opt=PAYING,
        responses=refusals(samples.NO_PURCHASE, samples.OTHER_CHOICE, *samples.PAYING),
        status_code=HTTP_200_OK,
        summary="Begin to pay once more",
    )
    async def retry(
        self,
        purchase_id: FromPath[str],
        caller: NamedDependency[Caller],
        retry_checkout: NamedDependency[RetryCheckout],
    ) -> Success[CheckoutShape]:
        """Check out the program and the choice of an earlier purchase."""
        answer = await retry_checkout(caller.buyer, to_purchase_id(purchase_id))
        return Success(data=checkout_shape(answer))
