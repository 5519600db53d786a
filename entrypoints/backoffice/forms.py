"""What an admin is about to do: said first, then done for a reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final
from uuid import uuid4

from litestar.response import Template

from entrypoints.backoffice.admin_api import Asked, Outcome
from entrypoints.backoffice.answers.shared import Fact
from entrypoints.backoffice.desk import Desk
from entrypoints.storefront.service_api import ServiceRefused

UNDER_WAY: Final = "idempotency_in_progress"  # the first of two clicks still runs
NO_REASON: Final = "Please say why: other admins will read it in the audit log."


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonForm:
    """The form of every act.  `once` is the name that makes it happen once."""

    reason: str = ""
    once: str = ""

    @property
    def asked(self) -> Asked:
        return Asked(reason=self.reason.strip(), once=self.once)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """A page that says what a button does before anybody presses it.

    Attributes:
        area: the entry of the navigation that it belongs to.
        heading: what would be done, to what.
        effects: what comes of it, a sentence each.
        button: its words.
        action: where the form goes.
        back: the page that one comes from and returns to.
        facts: what it would be done to, by the name.
        hidden: fields that the form carries along.
        dry: the words of a second button that changes nothing, if there is one.
        is_grave: nobody can undo it.
    """

    area: str
    heading: str
    effects: tuple[str, ...]
    button: str
    action: str
    back: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    hidden: Mapping[str, str] = field(default_factory=dict)
    dry: str | None = None
    is_grave: bool = False


def offer(
    desk: Desk, deed: Deed, *, reason: str = "", outcome: Outcome | None = None
) -> Template:
    """Show what would be done, or what came of trying it, and ask for the reason."""
    return desk.sees(
        "deed.html",
        area=deed.area,
        deed=deed,
        reason=reason,
        once=fresh(),
        outcome=outcome,
    )


def offer_again(
    desk: Desk, deed: Deed, form: ReasonForm, refused: ServiceRefused
) -> Template:
    """Show the same form with what was typed, and the service's sentence."""
    return desk.sees(
        "deed.html",
        area=deed.area,
        status=refused.status,
        deed=deed,
        reason=form.reason,
        once=once_more(form.once, refused),
        refusal=refused,
    )


def without_reason(form: ReasonForm) -> ServiceRefused | None:
    """Refuse here already what has no reason, in words that fit the form."""
    if form.asked.reason:
        return None
    return ServiceRefused(HTTPStatus.BAD_REQUEST, NO_REASON, code="no_reason")


def fresh() -> str:
    return uuid4().hex


def once_more(once: str, refused: ServiceRefused) -> str:
    """Keep the act's name while nobody knows whether it was done, else take another."""
    is_unknown = (
        refused.status >= HTTPStatus.INTERNAL_SERVER_ERROR or refused.code == UNDER_WAY
    )
    return once if once and is_unknown else fresh()
