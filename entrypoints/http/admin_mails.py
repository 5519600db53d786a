"""Mails to buyers that did not go out, for admins."""

import re
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.status_codes import HTTP_200_OK

from application.act_on_purchase import Act, ActCommand, ActOnPurchase
from application.resend_notice import MailNotFound
from application.view_unsent_mail import CONFIRMATION, UnsentMail, ViewUnsentMail
from domain.ids import ID_PATTERN, PurchaseId
from entrypoints.http import samples
from entrypoints.http.admin_purchases import ASKED, ActBody
from entrypoints.http.auth import ADMIN_ONLY, Caller
from entrypoints.http.openapi import refusals
from entrypoints.http.shapes import (
    PAGE_SIZE,
    Page,
    PageNumber,
    PageSize,
    Shape,
    Success,
    page_of,
)


class UnsentMailShape(Shape):
    """A mail to a buyer; `nextTry` is null if it was given up."""

    id: str
    purchase_id: str
    order_number: str
    kind: str
    state: str
    tries: int
    next_try: datetime | None
    message_id: str

    @classmethod
    def of(cls, unsent: UnsentMail) -> "UnsentMailShape":
        mail = unsent.mail
        return cls(
            id=unsent.id,
            purchase_id=unsent.purchase_id,
            order_number=unsent.order_number,
            kind=unsent.kind,
            state=mail.state.value,
            tries=mail.tries,
            next_try=mail.until if mail.is_open else None,
            message_id=mail.message_id,
        )


class MailStand(StrEnum):
    DEAD = "dead"
    WAITING = "waiting"


class ResentShape(Shape):
    """It is due now, and goes the way of every other mail."""

    id: str
    purchase_id: str


MAIL_ID: Final = re.compile(rf"({ID_PATTERN})\.({CONFIRMATION}|[0-9]{{1,4}})")


def to_mail(text: str) -> tuple[PurchaseId, str]:
    """Read a mail's id: whose it is, and which.

    Raises:
        MailNotFound: no mail can have it.
    """
    found = MAIL_ID.fullmatch(text)
    if found is None:
        raise MailNotFound
    return PurchaseId(found[1]), found[2]


class AdminMailController(Controller):
    path = "/api/admin/mails"
    tags = ("Admin",)
    opt = {ADMIN_ONLY: True}  # noqa: RUF012  # Litestar's own way to say it

    @get(
        responses=refusals(samples.NOT_ADMIN, samples.BAD_QUERY),
        summary="List mails to buyers that were given up, or that wait",
    )
    async def mails(
        self,
        view_unsent_mail: NamedDependency[ViewUnsentMail],
        page: PageNumber = 1,
        page_size: PageSize = PAGE_SIZE,
        stand: Annotated[MailStand, QueryParameter(name="state")] = MailStand.DEAD,
    ) -> Success[Page[UnsentMailShape]]:
        """Of a thousand purchases at most: beyond them, `total` says "at least"."""
        dead = stand is MailStand.DEAD
        found = await view_unsent_mail(dead=dead, page=page, size=page_size)
        items = [UnsentMailShape.of(unsent) for unsent in found.items]
        return page_of(found, items, page=page, size=page_size)

    @post(
        "/{mail_id:str}/resend",
        responses=refusals(*ASKED, samples.NO_MAIL, samples.MAIL_UNDER_WAY),
        status_code=HTTP_200_OK,
        summary="Send a mail that was given up once more",
    )
    async def resend(
        self,
        mail_id: FromPath[str],
        data: ActBody,
        caller: NamedDependency[Caller],
        act_on_purchase: NamedDependency[ActOnPurchase],
    ) -> Success[ResentShape]:
        """A confirmation also after it was sent; not while it is on its way."""
        purchase_id, which = to_mail(mail_id)
        is_confirmation = which == CONFIRMATION
        command = ActCommand(
            act=Act.RESEND_CONFIRMATION if is_confirmation else Act.RESEND_NOTICE,
            purchase_id=purchase_id,
            admin=caller.id,
            reason=data.reason,
            place=0 if is_confirmation else int(which),
        )
        await act_on_purchase(command)
        return Success(data=ResentShape(id=mail_id, purchase_id=purchase_id))
