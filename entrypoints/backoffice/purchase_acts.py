"""The pages on which an admin takes a hand in one purchase."""

from dataclasses import dataclass
from http import HTTPStatus

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect, Template

from entrypoints.backoffice.admin_api import attempt
from entrypoints.backoffice.answers.purchases import PurchaseRow, RefundPreview
from entrypoints.backoffice.desk import Desk
from entrypoints.backoffice.formats import NotAnAmount, amount_of
from entrypoints.backoffice.forms import (
    ReasonForm,
    fresh,
    offer,
    offer_again,
    once_more,
    without_reason,
)
from entrypoints.backoffice.purchase_deeds import PLAIN_ACTS, Done, purchase_deed
from entrypoints.storefront.service_api import ServiceRefused
from entrypoints.storefront.visitors import see


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundForm(ReasonForm):
    """`amount` as it was typed; nothing means all that is left.

    `shown` is what was typed when its effect was shown, and `previewed` the sum, in
    minor units, that it came to then: what is left may be another sum by now.
    """

    amount: str = ""
    shown: str | None = None
    previewed: int | None = None
    step: str = ""

    @property
    def is_confirmed(self) -> bool:
        """Say whether the button was pressed under the effect of this very amount."""
        return self.step == "confirmed" and self.shown == self.amount


class PurchaseActPages(Controller):
    path = "/purchases/{purchase_id:str}"

    @get("/refund")
    async def show_refund(
        self,
        desk: NamedDependency[Desk],
        purchase_id: FromPath[str],
        amount: FromQuery[str] = "",
    ) -> Template:
        return await _refund_page(desk, purchase_id, RefundForm(amount=amount))

    @post("/refund")
    async def refund(
        self,
        desk: NamedDependency[Desk],
        purchase_id: FromPath[str],
        data: URLEncodedBody[RefundForm],
    ) -> Template | Redirect:
        """Show the effect first; only the form that shows it can confirm it."""
        refused = without_reason(data)
        amount = data.previewed if data.is_confirmed else None
        if refused is not None or amount is None:
            return await _refund_page(desk, purchase_id, data, refused)
        # What cost nothing is given back without a sum.
        more = {"amount": amount} if amount else {}
        call = desk.api.act(purchase_id, Done.REFUND, data.asked, **more)
        if isinstance(outcome := await attempt(call), ServiceRefused):
            return await _refund_page(desk, purchase_id, data, outcome)
        return _back(purchase_id, Done.REFUND)

    @get("/{act:str}")
    async def show(
        self,
        desk: NamedDependency[Desk],
        purchase_id: FromPath[str],
        act: FromPath[str],
    ) -> Template:
        wanted = _plain(act)
        file = await desk.api.purchase(purchase_id)
        return offer(desk, purchase_deed(wanted, file.purchase))

    @post("/{act:str}")
    async def do(
        self,
        desk: NamedDependency[Desk],
        purchase_id: FromPath[str],
        act: FromPath[str],
        data: URLEncodedBody[ReasonForm],
    ) -> Template | Redirect:
        wanted = _plain(act)
        refused = without_reason(data)
        if refused is None:
            call = desk.api.act(purchase_id, wanted, data.asked)
            outcome = await attempt(call)
            if not isinstance(outcome, ServiceRefused):
                return _back(purchase_id, wanted)
            refused = outcome
        file = await desk.api.purchase(purchase_id)
        return offer_again(desk, purchase_deed(wanted, file.purchase), data, refused)


async def _refund_page(
    desk: Desk,
    purchase_id: str,
    form: RefundForm,
    refused: ServiceRefused | None = None,
) -> Template:
    """Show what the refund would do, as far as what was typed can be read."""
    purchase = (await desk.api.purchase(purchase_id)).purchase
    preview: RefundPreview | None = None
    try:
        preview = await desk.api.refund_preview(purchase_id, _typed(form, purchase))
    except ServiceRefused as unclear:
        if unclear.status == HTTPStatus.UNAUTHORIZED:
            raise
        refused = refused or unclear
    can_confirm = bool(preview and preview.refundable and form.reason and not refused)
    return desk.sees(
        "refund.html",
        area="purchases",
        status=refused.status if refused else 200,
        purchase=purchase,
        preview=preview,
        form=form,
        once=once_more(form.once, refused) if refused else form.once or fresh(),
        refusal=refused,
        can_confirm=can_confirm,
    )


def _typed(form: RefundForm, purchase: PurchaseRow) -> int | None:
    """Read the amount that was typed.

    Raises:
        ServiceRefused: it is none; worded like the service's own refusals.
    """
    if not form.amount.strip():
        return None
    currency = purchase.quote.currency
    try:
        return amount_of(form.amount, currency)
    except NotAnAmount as error:
        raise ServiceRefused(
            HTTPStatus.BAD_REQUEST,
            f"“{form.amount.strip()}” is no amount in {currency.upper()}.",
        ) from error


def _plain(act: str) -> Done:
    if act not in PLAIN_ACTS:
        raise NotFoundException("There is no such act.")
    return Done(act)


def _back(purchase_id: str, done: Done) -> Redirect:
    return see(f"/admin/purchases/{purchase_id}", done=done)
