"""What waits for an admin: payments, events and mails that found no end."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from application.view_orphans import ViewOrphans
from application.view_quarantine import AgedEvent, ViewQuarantine
from application.view_unsent_mail import UnsentMail, ViewUnsentMail
from domain.orphans import Orphan
from entrypoints.http import samples
from entrypoints.http.auth import ADMIN_ONLY
from entrypoints.http.openapi import refusals
from entrypoints.http.shapes import (
    PAGE_SIZE,
    BillingShape,
    Page,
    PageNumber,
    PageSize,
    Shape,
    Success,
    page_of,
)


class OrphanShape(Shape):
    """A payment of ours that no purchase names; `amount` in minor units.

    `status` is how far it has gone back; `dueAt` is when that begins, if nobody has
    found its purchase by then.
    """

    id: str
    session_id: str
    payment_intent: str | None
    purchase_id: str | None
    amount: int
    currency: str
    status: str
    matched: bool
    reason: str
    event_id: str | None
    found_at: datetime
    due_at: datetime
    refund_id: str | None
    payer: BillingShape

    @classmethod
    def of(cls, orphan: Orphan) -> "OrphanShape":
        session, money = orphan.session, orphan.money
        payer = session.payer
        return cls(
            id=orphan.id,
            session_id=session.id,
            payment_intent=session.payment_intent,
            purchase_id=session.purchase_id,
            amount=money.amount,
            currency=money.currency,
            status=money.state.value,
            matched=orphan.is_matched,
            reason=orphan.reason.value,
            event_id=orphan.event_id,
            found_at=orphan.found_at,
            due_at=orphan.due_at,
            refund_id=money.stripe_id,
            payer=BillingShape(
                name=payer.name, email=payer.email, country=payer.country
            ),
        )


class HeldEventShape(Shape):
    """An event of ours that could not be applied; `nextTry` is null if given up."""

    id: str
    kind: str
    object_id: str | None
    payment_intent: str | None
    purchase_id: str | None
    why: str
    state: str
    first_seen: datetime
    last_tried: datetime
    next_try: datetime | None
    age_seconds: int
    tries: int

    @classmethod
    def of(cls, aged: AgedEvent) -> "HeldEventShape":
        held, event = aged.held, aged.held.event
        return cls(
            id=event.id,
            kind=event.kind,
            object_id=event.object_id,
            payment_intent=event.payment_intent,
            purchase_id=event.purchase_id,
            why=held.why,
            state=held.state.value,
            first_seen=held.first_seen,
            last_tried=held.last_tried,
            next_try=held.until if held.is_tried else None,
            age_seconds=int(aged.age.total_seconds()),
            tries=held.tries,
        )


class MailShape(Shape):
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
    def of(cls, unsent: UnsentMail) -> "MailShape":
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


class OrphanState(StrEnum):
    OPEN = "open"
    ALL = "all"


class MailStand(StrEnum):
    DEAD = "dead"
    WAITING = "waiting"


LISTED = refusals(samples.NOT_ADMIN, samples.BAD_QUERY)


class AdminOrphanController(Controller):
    path = "/api/admin/orphans"
    tags = ("Admin",)
    opt = {ADMIN_ONLY: True}  # noqa: RUF012  # Litestar's own way to say it

    @get(
        responses=LISTED,
        summary="List payments of ours that no purchase names, the oldest first",
    )
    async def orphans(
        self,
        view_orphans: NamedDependency[ViewOrphans],
        page: PageNumber = 1,
        page_size: PageSize = PAGE_SIZE,
        stand: Annotated[OrphanState, QueryParameter(name="state")] = OrphanState.OPEN,
    ) -> Success[Page[OrphanShape]]:
        """By themselves they go back; until then a lost purchase may be restored."""
        only_open = stand is OrphanState.OPEN
        found = await view_orphans(only_open=only_open, page=page, size=page_size)
        items = [OrphanShape.of(orphan) for orphan in found.items]
        return page_of(found, items, page=page, size=page_size)


class AdminEventController(Controller):
    path = "/api/admin/events"
    tags = ("Admin",)
    opt = {ADMIN_ONLY: True}  # noqa: RUF012  # Litestar's own way to say it

    @get(
        responses=LISTED,
        summary="List Stripe's events that could not be applied, the oldest first",
    )
    async def events(
        self,
        view_quarantine: NamedDependency[ViewQuarantine],
        page: PageNumber = 1,
        page_size: PageSize = PAGE_SIZE,
    ) -> Success[Page[HeldEventShape]]:
        found = await view_quarantine.page(page=page, size=page_size)
        items = [HeldEventShape.of(aged) for aged in found.items]
        return page_of(found, items, page=page, size=page_size)


class AdminMailController(Controller):
    path = "/api/admin/mails"
    tags = ("Admin",)
    opt = {ADMIN_ONLY: True}  # noqa: RUF012  # Litestar's own way to say it

    @get(
        responses=LISTED,
        summary="List mails to buyers that were given up, or that wait",
    )
    async def mails(
        self,
        view_unsent_mail: NamedDependency[ViewUnsentMail],
        page: PageNumber = 1,
        page_size: PageSize = PAGE_SIZE,
        stand: Annotated[MailStand, QueryParameter(name="state")] = MailStand.DEAD,
    ) -> Success[Page[MailShape]]:
        """Of a thousand purchases at most: beyond them, `total` says "at least"."""
        dead = stand is MailStand.DEAD
        found = await view_unsent_mail(dead=dead, page=page, size=page_size)
        items = [MailShape.of(unsent) for unsent in found.items]
        return page_of(found, items, page=page, size=page_size)
