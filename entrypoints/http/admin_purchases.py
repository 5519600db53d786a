"""What an admin may do to one purchase by hand."""

from dataclasses import replace
from typing import Annotated, Final

import msgspec
from litestar import Controller, Response, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.openapi.spec import Example
from litestar.params import BodyKwarg, FromPath
from litestar.status_codes import HTTP_200_OK, HTTP_202_ACCEPTED

from application.act_on_purchase import Act, ActCommand, ActOnPurchase
from entrypoints.http import samples
from entrypoints.http.auth import ADMIN_ONLY, Caller
from entrypoints.http.openapi import accepted, refusals
from entrypoints.http.paths import to_purchase_id
from entrypoints.http.shapes import PurchaseShape, Success

REASON_MAX: Final = 200
AMOUNT_MAX: Final = 99_999_999  # what Stripe takes in one payment

Reason = Annotated[
    str, msgspec.Meta(min_length=1, max_length=REASON_MAX, pattern=r"^[^\x00-\x1f]*$")
]


class ActRequest(
    msgspec.Struct, rename="camel", forbid_unknown_fields=True, frozen=True
):
    """`reason` is for other admins, and kept for good: it names nobody."""

    reason: Reason


class AdminRefundRequest(
    msgspec.Struct, rename="camel", forbid_unknown_fields=True, frozen=True
):
    """`amount` is in minor units; without it all that is left goes back.

    `reason` is for other admins, and kept for good: it names nobody.
    """

    reason: Reason
    amount: Annotated[int, msgspec.Meta(ge=1, le=AMOUNT_MAX)] | None = None


ActBody = Annotated[
    ActRequest,
    BodyKwarg(
        media_type=RequestEncodingType.JSON,
        examples=[Example(value={"reason": "the buyer called"})],
    ),
]
RefundBody = Annotated[
    AdminRefundRequest,
    BodyKwarg(
        media_type=RequestEncodingType.JSON,
        examples=[Example(value={"reason": "half of it was cancelled", "amount": 500})],
    ),
]

ASKED: Final = (samples.NOT_ADMIN, samples.NO_PURCHASE, *samples.REASONED)


class AdminPurchaseController(Controller):
    path = "/api/admin/purchases/{purchase_id:str}"
    tags = ("Admin",)
    opt = {ADMIN_ONLY: True}  # noqa: RUF012  # Litestar's own way to say it

    @post(
        "/refund",
        responses=refusals(*ASKED, *samples.ADMIN_REFUNDING),
        status_code=HTTP_200_OK,
        summary="Give a purchase back, in full or in part, at any time",
    )
    async def refund(
        self,
        purchase_id: FromPath[str],
        data: RefundBody,
        caller: NamedDependency[Caller],
        request_name: NamedDependency[str | None],
        act_on_purchase: NamedDependency[ActOnPurchase],
    ) -> Success[PurchaseShape]:
        command = replace(
            _command(Act.REFUND, purchase_id, caller, data.reason),
            amount=data.amount,
            name=request_name,
        )
        return Success(data=PurchaseShape.of(await act_on_purchase(command)))

    @post(
        "/cancel",
        responses=accepted(Success[PurchaseShape])
        | refusals(*ASKED, samples.OWNED, samples.MODE),
        status_code=HTTP_200_OK,
        summary="Cancel a purchase that is not paid",
    )
    async def cancel(
        self,
        purchase_id: FromPath[str],
        data: ActBody,
        caller: NamedDependency[Caller],
        act_on_purchase: NamedDependency[ActOnPurchase],
    ) -> Response[Success[PurchaseShape]]:
        """Cancel; 202 says that Stripe has yet to confirm.  Twice is like once."""
        command = _command(Act.CANCEL, purchase_id, caller, data.reason)
        purchase = await act_on_purchase(command)
        return Response(
            Success(data=PurchaseShape.of(purchase)),
            status_code=HTTP_200_OK if purchase.is_terminal else HTTP_202_ACCEPTED,
        )

    @post(
        "/reconcile",
        responses=refusals(*ASKED, samples.MODE, samples.NO_PROVIDER),
        status_code=HTTP_200_OK,
        summary="Ask Stripe how a purchase stands, and carry it on",
    )
    async def reconcile(
        self,
        purchase_id: FromPath[str],
        data: ActBody,
        caller: NamedDependency[Caller],
        act_on_purchase: NamedDependency[ActOnPurchase],
    ) -> Success[PurchaseShape]:
        """Do at once what happens by itself within minutes; never anything else."""
        command = _command(Act.RECONCILE, purchase_id, caller, data.reason)
        return Success(data=PurchaseShape.of(await act_on_purchase(command)))

    @post(
        "/resend-confirmation",
        responses=refusals(*ASKED, samples.MAIL_UNDER_WAY),
        status_code=HTTP_200_OK,
        summary="Send the confirmation of a completed purchase once more",
    )
    async def resend_confirmation(
        self,
        purchase_id: FromPath[str],
        data: ActBody,
        caller: NamedDependency[Caller],
        act_on_purchase: NamedDependency[ActOnPurchase],
    ) -> Success[PurchaseShape]:
        """Also after it was given up; not while one is on its way."""
        command = _command(Act.RESEND_CONFIRMATION, purchase_id, caller, data.reason)
        return Success(data=PurchaseShape.of(await act_on_purchase(command)))


def _command(act: Act, purchase_id: str, caller: Caller, reason: str) -> ActCommand:
    return ActCommand(
        act=act,
        purchase_id=to_purchase_id(purchase_id),
        admin=caller.id,
        reason=reason,
    )
