"""Payments, events and mails that found no end."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter, URLEncodedBody
from litestar.response import Redirect, Template

from entrypoints.backoffice.admin_api import attempt
from entrypoints.backoffice.answers.troubles import EventAnswer, MailAnswer
from entrypoints.backoffice.desk import Desk
from entrypoints.backoffice.forms import (
    Deed,
    ReasonForm,
    offer,
    offer_again,
    without_reason,
)
from entrypoints.backoffice.wording import words
from entrypoints.storefront.service_api import ServiceRefused
from entrypoints.storefront.visitors import see

EVENTS: Final = "/admin/events"
MAILS: Final = "/admin/mails"
DRY_RUN: Final = "dry"
STILL_HELD: Final = "quarantined"  # the service's word
PageNumber = Annotated[int, QueryParameter(name="page", ge=1, le=100_000)]


class OrphanState(StrEnum):
    OPEN = "open"
    ALL = "all"


class MailState(StrEnum):
    DEAD = "dead"
    WAITING = "waiting"


class Replayed(StrEnum):
    """What a page may be told to say."""

    DONE = "done"
    HELD = "held"


REPLAYED: Final[Mapping[Replayed, str]] = {
    Replayed.DONE: "The event was applied, and is off this list.",
    Replayed.HELD: "It still cannot be applied, so it is held on.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayForm(ReasonForm):
    step: str = ""

    @property
    def is_dry(self) -> bool:
        return self.step == DRY_RUN


class OrphanPages(Controller):
    path = "/orphans"

    @get()
    async def overview(
        self,
        desk: NamedDependency[Desk],
        stand: Annotated[OrphanState, QueryParameter(name="state")] = OrphanState.OPEN,
        page: PageNumber = 1,
    ) -> Template:
        found = await desk.api.orphans(stand, page)
        return desk.sees("orphans.html", area="orphans", found=found, state=stand)


class EventPages(Controller):
    path = "/events"

    @get()
    async def overview(
        self,
        desk: NamedDependency[Desk],
        page: PageNumber = 1,
        done: FromQuery[Replayed | None] = None,
    ) -> Template:
        found = await desk.api.events(page)
        said = REPLAYED[done] if done else None
        return desk.sees("events.html", area="events", found=found, done=said)

    @get("/{event_id:str}/replay")
    async def show_replay(
        self, desk: NamedDependency[Desk], event_id: FromPath[str]
    ) -> Template:
        return offer(desk, _replay(await desk.api.event(event_id)))

    @post("/{event_id:str}/replay")
    async def replay(
        self,
        desk: NamedDependency[Desk],
        event_id: FromPath[str],
        data: URLEncodedBody[ReplayForm],
    ) -> Template | Redirect:
        refused = without_reason(data)
        if refused is None:
            call = desk.api.replay(event_id, data.asked, dry_run=data.is_dry)
            outcome = await attempt(call)
            if not isinstance(outcome, ServiceRefused):
                if not data.is_dry:
                    is_held = outcome.get("outcome") == STILL_HELD
                    return see(EVENTS, done=Replayed.HELD if is_held else Replayed.DONE)
                deed = _replay(await desk.api.event(event_id))
                return offer(desk, deed, reason=data.reason, outcome=outcome)
            refused = outcome
        return offer_again(desk, _replay(await desk.api.event(event_id)), data, refused)


class MailPages(Controller):
    path = "/mails"

    @get()
    async def overview(
        self,
        desk: NamedDependency[Desk],
        stand: Annotated[MailState, QueryParameter(name="state")] = MailState.DEAD,
        page: PageNumber = 1,
        *,
        done: FromQuery[bool] = False,
    ) -> Template:
        found = await desk.api.mails(stand, page)
        return desk.sees(
            "mails.html", area="mails", found=found, state=stand, done=done
        )

    @get("/{mail_id:str}/resend")
    async def show_resend(
        self, desk: NamedDependency[Desk], mail_id: FromPath[str]
    ) -> Template:
        return offer(desk, _resend(await desk.api.mail(mail_id)))

    @post("/{mail_id:str}/resend")
    async def resend(
        self,
        desk: NamedDependency[Desk],
        mail_id: FromPath[str],
        data: URLEncodedBody[ReasonForm],
    ) -> Template | Redirect:
        refused = without_reason(data)
        if refused is None:
            outcome = await attempt(desk.api.resend(mail_id, data.asked))
            if not isinstance(outcome, ServiceRefused):
                return see(MAILS, state=MailState.WAITING, done="true")
            refused = outcome
        return offer_again(desk, _resend(await desk.api.mail(mail_id)), data, refused)


def _replay(event: EventAnswer) -> Deed:
    return Deed(
        area="events",
        heading=f"Replay {event.kind}",
        effects=(
            "What Stripe told is applied once more, as if it had just come.",
            "Try it without changing anything first, and see what it would do.",
        ),
        button="Replay it",
        action=f"{EVENTS}/{event.id}/replay",
        back=EVENTS,
        facts={
            "event": event.id,
            "purchase": event.purchase_id,
            "held because": event.why,
        },
        dry="Try it without changing anything",
    )


def _resend(mail: MailAnswer) -> Deed:
    return Deed(
        area="mails",
        heading=f"Send a mail again: {words(mail.kind).lower()}",
        effects=("The buyer gets this mail, as soon as the mail server takes it.",),
        button="Send it again",
        action=f"{MAILS}/{mail.id}/resend",
        back=MAILS,
        facts={"order": mail.order_number, "tries": mail.tries},
    )
