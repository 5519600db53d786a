"""Payments of ours that no purchase names, for admins."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from application.view_orphans import ViewOrphans
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


class OrphanState(StrEnum):
    OPEN = "open"
    ALL = "all"


class AdminOrphanController(Controller):
    path = "/api/admin/orphans"
    tags = ("Admin",)
    opt = {ADMIN_ONLY: True}  # noqa: RUF012  # Litestar's own way to say it

    @get(
        responses=refusals(samples.NOT_ADMIN, samples.BAD_QUERY),
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
