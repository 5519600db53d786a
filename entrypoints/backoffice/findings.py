"""What reconcile has found, and its repair by hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Final
from urllib.parse import quote

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter, URLEncodedBody
from litestar.response import Redirect, Template

from entrypoints.backoffice.admin_api import attempt
from entrypoints.backoffice.answers.troubles import FindingAnswer
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

AREA: Final = "findings"
HOME: Final = "/admin/findings"
# What each repair does, as an admin would say it.
REPAIRS: Final[Mapping[str, str]] = {
    "settle": "Stripe's word on the session is recorded; money that is not owed goes"
    " back.",
    "expire_session": "The payment page is closed at Stripe.",
    "record_orphan": "The payment is recorded; it goes back if nobody has named it.",
    "drive": "The purchase is carried on from where it stands.",
    "send_refund": "The refund that is due is sent to Stripe.",
    "learn_refund": "What Stripe lists as refunded is recorded.",
    "learn_dispute": "What Stripe lists as disputed is recorded.",
    "release_spot": "The spot is free again.",
    "replay_event": "What Stripe told is applied once more.",
}
FAILED: Final = "failed"


# What evidence names, and where it is shown; and the list of a kind that has one.
NAMED: Final = (
    ("purchase_id", "The purchase", "/admin/purchases"),
    ("program_id", "The program", "/admin/programs"),
)
LISTS: Final[Mapping[str, tuple[str, str]]] = {
    "dead_mail": ("Mail that was given up", "/admin/mails"),
    "ledger_difference": (
        "That day's purchases",
        "/admin/purchases?since={0}&until={0}",
    ),
    "orphan_payment": ("Orphans", "/admin/orphans"),
    "quarantined_event": ("Held events", "/admin/events"),
}


class Repaired(StrEnum):
    """What became of it, as the service says."""

    REPAIRED = "repaired"
    NO_LONGER_SO = "no_longer_so"
    UNCHANGED = "unchanged"
    FOR_A_HUMAN = "for_a_human"


SAID: Final[Mapping[Repaired, str]] = {
    Repaired.REPAIRED: "It is repaired, and off this list.",
    Repaired.NO_LONGER_SO: "It was not so any more, and is off this list.",
    Repaired.UNCHANGED: "The repair was done, and the difference is still there.",
    Repaired.FOR_A_HUMAN: "Nothing was done: it takes a human.",
}
PageNumber = Annotated[int, QueryParameter(name="page", ge=1, le=100_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairForm(ReasonForm):
    """`plan` is the hash of what the page showed; another one is refused."""

    plan: str = ""


class FindingPages(Controller):
    path = "/findings"

    @get()
    async def overview(
        self,
        desk: NamedDependency[Desk],
        page: PageNumber = 1,
        done: FromQuery[Repaired | None] = None,
    ) -> Template:
        found = await desk.api.findings(page)
        return desk.sees(
            "findings.html",
            area=AREA,
            found=found,
            links={each.id: _links(each) for each in found.items},
            repairs=REPAIRS,
            done=SAID[done] if done else None,
        )

    @get("/{finding_id:str}/repair")
    async def show_repair(
        self, desk: NamedDependency[Desk], finding_id: FromPath[str]
    ) -> Template:
        return offer(desk, _deed(await desk.api.finding(finding_id)))

    @post("/{finding_id:str}/repair")
    async def repair(
        self,
        desk: NamedDependency[Desk],
        finding_id: FromPath[str],
        data: URLEncodedBody[RepairForm],
    ) -> Template | Redirect:
        refused = without_reason(data)
        if refused is None:
            outcome = await attempt(_repair(desk, finding_id, data))
            if not isinstance(outcome, ServiceRefused):
                return see(HOME, done=outcome)
            refused = outcome
        # Looked up again, so that a plan that changed is shown as it is now.
        return offer_again(
            desk, _deed(await desk.api.finding(finding_id)), data, refused
        )


async def _repair(desk: Desk, finding_id: str, form: RepairForm) -> Repaired:
    """Do it; one that failed is told at the form, like a refusal."""
    told = await desk.api.repair(finding_id, form.plan, form.asked)
    if told["outcome"] == FAILED:
        why = f"The repair failed: {words(str(told['why'])).lower()}."
        raise ServiceRefused(HTTPStatus.CONFLICT, why, code=FAILED)
    return Repaired(str(told["outcome"]))


def _links(finding: FindingAnswer) -> list[tuple[str, str]]:
    """Return the pages of what a finding is about, each with its name."""
    evidence, subject = finding.evidence, quote(finding.subject, safe="")
    links = [
        (label, f"{home}/{quote(str(evidence[name]), safe='')}")
        for name, label, home in NAMED
        if evidence.get(name)
    ]
    listed = LISTS.get(finding.kind)
    if listed is not None:
        links.append((listed[0], listed[1].format(subject)))
    return links


def _deed(finding: FindingAnswer) -> Deed:
    return Deed(
        area=AREA,
        heading=f"Repair: {words(finding.kind).lower()}",
        effects=(REPAIRS.get(finding.repair, words(finding.repair)),),
        button="Repair it",
        action=f"{HOME}/{finding.id}/repair",
        back=HOME,
        facts={"subject": finding.subject, **finding.evidence},
        hidden={"plan": finding.plan},
    )
