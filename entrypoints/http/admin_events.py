"""Stripe's events that could not be applied, for admins."""

import re
from datetime import datetime
from typing import Annotated, Final

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.openapi.spec import Example
from litestar.params import BodyKwarg, FromPath
from litestar.status_codes import HTTP_200_OK

from application.recall_event import EventGone
from application.replay_by_hand import ReplayByHand, ReplayCommand
from application.view_quarantine import AgedEvent, ViewQuarantine
from entrypoints.http import samples
from entrypoints.http.admin_purchases import Reason
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
from entrypoints.rehearsal.replay import RehearseReplay


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


class ReplayRequest(
    msgspec.Struct, rename="camel", forbid_unknown_fields=True, frozen=True
):
    """`dryRun`: only say what it would change; nothing is written, the reason neither.

    `reason` is for other admins, and kept for good: it names nobody.
    """

    reason: Reason
    dry_run: bool = False


ReplayBody = Annotated[
    ReplayRequest,
    BodyKwarg(
        media_type=RequestEncodingType.JSON,
        examples=[Example(value={"reason": "its purchase is back", "dryRun": True})],
    ),
]


class ReplayShape(Shape):
    """`outcome` quarantined: it is held still.  `changes` is told of a dry run only."""

    id: str
    dry_run: bool
    outcome: str
    changes: list[str]


EVENT_ID: Final = re.compile("evt_[A-Za-z0-9_]{1,250}")


def to_event_id(text: str) -> str:
    """Read an event's id.

    Raises:
        EventGone: no event of Stripe can have it.
    """
    if EVENT_ID.fullmatch(text) is None:
        raise EventGone("of that name")
    return text


class AdminEventController(Controller):
    path = "/api/admin/events"
    tags = ("Admin",)
    opt = {ADMIN_ONLY: True}  # noqa: RUF012  # Litestar's own way to say it

    @get(
        responses=refusals(samples.NOT_ADMIN, samples.BAD_QUERY),
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

    @post(
        "/{event_id:str}/replay",
        responses=refusals(
            samples.NOT_ADMIN,
            samples.NO_EVENT,
            samples.NO_PROVIDER,
            samples.BUSY,
            samples.MODE,
            *samples.REASONED,
        ),
        status_code=HTTP_200_OK,
        summary="Apply an event of Stripe once more, or say what that would change",
    )
    async def replay(
        self,
        event_id: FromPath[str],
        data: ReplayBody,
        caller: NamedDependency[Caller],
        replay_by_hand: NamedDependency[ReplayByHand],
        rehearse_replay: NamedDependency[RehearseReplay],
    ) -> Success[ReplayShape]:
        """One that was applied already changes nothing."""
        event, changes = to_event_id(event_id), list[str]()
        if data.dry_run:
            outcome, would_change = await rehearse_replay(event)
            changes = list(would_change)
        else:
            command = ReplayCommand(event_id=event, admin=caller.id, reason=data.reason)
            outcome = await replay_by_hand(command)
        shape = ReplayShape(
            id=event, dry_run=data.dry_run, outcome=outcome.value, changes=changes
        )
        return Success(data=shape)
