"""The pages over the service itself, so that neither can drift from the other."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from litestar.testing import AsyncTestClient

from application.ports.event_log import EventFacts
from domain.findings import Finding, FindingKind
from domain.ids import ProgramId
from domain.orphans import Orphan, OrphanReason
from entrypoints.http.tokens import tokens_of
from entrypoints.shop import ReadByTheService
from entrypoints.simulation.outside.clock import NOON
from entrypoints.storefront.app import create_storefront
from entrypoints.storefront.demo_people import DemoSigner
from entrypoints.storefront.in_process import InProcess
from tests.contracts.examples import paid_session
from tests.http.conftest import http, service
from tests.http.people import ADA, AUDIENCE, GRACE, ISSUER, JWT_SECRET
from tests.http.service import Http, Service
from tests.http.shopping import bought
from tests.storefront.browsing import Browser, text_of
from tests.storefront.worlds import shop

__all__ = ("http", "service")
DRIFT = Finding.of(FindingKind.COUNTER_DRIFT, "choir", counter=3)
STUCK = Finding.of(FindingKind.STUCK_PHASE, "one", purchase_id="one", status="closing")
HIDDEN = re.compile(r'name="(once|plan|revision|shown)" value="([^"]*)"')


async def fields_of(admin: Browser, path: str) -> dict[str, str]:
    """Return what a form would send if nobody touched it."""
    form = await admin.open(path)
    fields = dict(re.findall(r'<input [^>]*name="(\w+)" value="([^"]*)"', form.text))
    return {n: v for n, v in fields.items() if n not in {"_csrf_token", "drain"}}


async def fill_in(admin: Browser, path: str, **fields: str) -> str:
    """Open a form, send it with its hidden fields, and read the page that follows."""
    form = await admin.open(path)
    assert form.status_code == 200, text_of(form)
    hidden = dict(HIDDEN.findall(form.text))
    answer = await admin.submit(path, **(hidden | fields))
    assert answer.status_code == 303, text_of(answer)
    return text_of(await admin.open(answer.headers["Location"]))


@pytest.fixture
async def admin(service: Service) -> AsyncIterator[Browser]:
    """The admin, in front of pages that ask this service."""
    signer = DemoSigner(secret=JWT_SECRET, issuer=ISSUER, audience=AUDIENCE)
    reader = ReadByTheService(tokens=tokens_of(service.settings))
    reads = shop(demo=signer, read_token=reader)
    pages = create_storefront(reads, transport=InProcess(service.app))
    async with AsyncTestClient(pages, base_url="http://shop.test") as client:
        client.follow_redirects = False
        browser = Browser(client)
        await browser.sign_in("admin")
        yield browser


async def test_a_refund_in_part_is_shown_done_and_told(
    admin: Browser, http: Http, service: Service
) -> None:
    bought_now = await bought(http, service, rep=True)
    order = bought_now["orderNumber"]
    listing = text_of(await admin.open(f"/admin/purchases?search={order}"))
    assert f"{order} Completed The choir" in listing
    path = f"/admin/purchases/{bought_now['id']}/refund"
    preview = text_of(await admin.open(f"{path}?amount=30"))
    assert "$30.00 goes back to the buyer. $50.00 of the payment stays." in preview
    assert "The buyer keeps access." in preview

    asked = {"reason": "half of it", "amount": "30", "shown": "30", "previewed": "3000"}
    page = await fill_in(admin, path, **asked, step="confirmed")
    assert "The refund was taken." in page
    assert "By hand Refund by admin admin why half of it" in page
    assert [each.amount.amount for each in service.purchase(bought_now["id"]).refunds]
    audit = text_of(await admin.open("/admin/audit"))
    assert f"Refund purchase/{bought_now['id']} “half of it”" in audit


async def test_today_tells_what_was_bought_and_what_is_worst(
    admin: Browser, http: Http, service: Service
) -> None:
    assert "All is well." in text_of(await admin.open("/admin"))
    await bought(http, service, rep=True)
    await http.buy(GRACE, rep=True)
    await service.findings.note(DRIFT, at=NOON)
    service.clock.advance(timedelta(minutes=1))  # a look is kept for seconds
    text = text_of(await admin.open("/admin"))
    assert f"Counter drift Next step: {DRIFT.next_step}" in text
    assert "Findings 1 1 critical" in text
    assert "Pending 1 Completed 1" in text
    assert "The choir 1 paid, 1 held, 0 free of 2" in text


async def test_too_large_a_refund_says_so_at_the_form(
    admin: Browser, http: Http, service: Service
) -> None:
    bought_now = await bought(http, service)
    path = f"/admin/purchases/{bought_now['id']}/refund?amount=100.01"
    text = text_of(await admin.open(path))
    assert "What this does" in text
    assert "goes back to the buyer" not in text


async def test_a_pending_purchase_is_cancelled(admin: Browser, http: Http) -> None:
    begun = await http.buy(ADA, rep=True)
    path = f"/admin/purchases/{begun['purchaseId']}/cancel"
    page = await fill_in(admin, path, reason="asked to by telephone")
    assert "The cancellation was taken." in page
    assert "Ended because Cancelled" in page


@pytest.mark.parametrize("act", ["reconcile", "resend-confirmation"])
async def test_an_act_leads_back_to_the_purchase(
    admin: Browser, http: Http, service: Service, act: str
) -> None:
    bought_now = await bought(http, service)
    row = service.purchase(bought_now["id"])
    assert row.confirmation is not None
    service.store.put(replace(row, confirmation=row.confirmation.given_up()))
    path = f"/admin/purchases/{bought_now['id']}/{act}"
    assert row.order_number in await fill_in(admin, path, reason="why not")


async def test_a_finding_that_is_so_no_more_is_repaired_off_the_list(
    admin: Browser, service: Service
) -> None:
    await service.findings.note(STUCK, at=NOON)
    await service.findings.note(DRIFT, at=NOON)
    service.clock.advance(timedelta(minutes=1))
    text = text_of(await admin.open("/admin/findings"))
    assert "Counter drift Critical Subject choir" in text
    assert "Evidence counter 3" in text
    path = f"/admin/findings/{STUCK.id}/repair"
    page = await fill_in(admin, path, reason="seen in Stripe too")
    assert "It was not so any more" in page
    assert "Stuck phase" not in page


async def test_orphans_events_and_mails_are_shown(
    admin: Browser, http: Http, service: Service
) -> None:
    lost = Orphan.found(
        paid_session(), reason=OrphanReason.NO_ROOM, event_id="evt_1", at=NOON
    )
    await service.orphans.record(lost)
    assert "Why No room" in text_of(await admin.open("/admin/orphans"))

    event = EventFacts(id="evt_1", kind="refund.created", payment_intent="pi_1")
    until = NOON + timedelta(minutes=1)
    await service.event_log.quarantine(
        event, why="unknown_payment", at=NOON, until=until
    )
    text = text_of(await admin.open("/admin/events"))
    assert "refund.created Quarantined Unknown payment" in text
    form = await admin.open("/admin/events/evt_1/replay")
    assert "Replay refund.created" in text_of(form)

    row = service.purchase((await bought(http, service))["id"])
    assert row.confirmation is not None
    service.store.put(replace(row, confirmation=row.confirmation.given_up()))
    assert f"Confirmation Dead {row.order_number}" in text_of(
        await admin.open("/admin/mails")
    )
    path = f"/admin/mails/{row.id}.confirmation/resend"
    assert "on its way once more" in await fill_in(admin, path, reason="it is back")


async def test_locks_are_shown(admin: Browser) -> None:
    assert "Healthy Held now 0" in text_of(await admin.open("/admin/locks"))


async def test_a_day_that_is_none_is_refused_at_the_form(admin: Browser) -> None:
    answer = await admin.open("/admin/purchases?since=2026-02-30&search=ada")
    assert answer.status_code == 400
    assert 'id="refusal"' in answer.text
    assert 'value="ada"' in answer.text


TERMS = {
    "title": "A new choir",
    "program_type": "Webinar",
    "currency": "usd",
    "full_price": "100",
    "class_rep_discount": "20.50",
    "class_rep_limit": "2",
    "early_bird_discount": "10",
    "early_bird_deadline": "2099-07-01T12:30",
    "time_zone": "Europe/Berlin",
    "reason": "for the new year",
}


async def test_a_program_is_created_changed_paused_and_retired(
    admin: Browser, service: Service
) -> None:
    new = "/admin/programs/new"
    preview = await admin.submit(new, **TERMS, id="choir-2", step="preview")
    assert "Class-rep place, early bird $69.50" in text_of(preview)
    page = await fill_in(admin, new, **TERMS, id="choir-2")
    assert "The program is for sale." in page
    assert "Early bird until July 1, 2099 at 12:30 PM (Europe/Berlin)" in page

    home = "/admin/programs/choir-2"
    change = TERMS | {"early_bird_deadline": "", "early_bird_discount": "0.00"}
    page = await fill_in(admin, f"{home}/change", **change, id="choir-2")
    assert "The change holds from now on" in page
    assert "Early bird until" not in page
    assert service.programs.stored[ProgramId("choir-2")].revision == 2

    assert "Sales paused" in await fill_in(admin, f"{home}/pause-sales", reason="1")
    assert "Sales go on" in await fill_in(admin, f"{home}/resume-sales", reason="2")
    assert "Retired" in await fill_in(admin, f"{home}/retire", reason="3")
    assert "For sale" in await fill_in(admin, f"{home}/restore", reason="4")
    audit = text_of(await admin.open("/admin/audit?subject=program/choir-2"))
    assert "earlyBirdDiscount 1000 → 0" in audit


@pytest.mark.parametrize(
    ("typed", "said", "marked"),
    [
        ({"id": "choir"}, "choir", []),
        ({"class_rep_discount": "100.01"}, "is not more than", ["class_rep_discount"]),
        ({"full_price": "0"}, "is not more than the price", ["class_rep_discount"]),
        ({"time_zone": "Europe/Nowhere"}, "no time zone", ["time_zone"]),
    ],
)
async def test_terms_that_are_refused_stay_in_the_form(
    admin: Browser, typed: dict[str, str], said: str, marked: list[str]
) -> None:
    fields = {"id": "choir-2", **TERMS, **typed}
    answer = await admin.submit("/admin/programs/new", **fields)
    assert 400 <= answer.status_code < 500
    assert said in text_of(answer)
    assert 'value="for the new year"' in answer.text
    wrong = re.findall(r'<input[^>]*name="(\w+)"[^>]*aria-invalid="true"', answer.text)
    assert wrong == marked


async def test_a_limit_below_its_use_drains_when_it_is_meant_so(
    admin: Browser, http: Http, service: Service
) -> None:
    await bought(http, service, rep=True)
    await http.buy(GRACE, rep=True)
    path = "/admin/programs/choir/change"
    fields = await fields_of(admin, path)
    fields |= {"class_rep_limit": "1", "reason": "a smaller room"}
    refused = await admin.submit(path, **fields)
    assert refused.status_code == 409
    assert 'value="1"' in refused.text
    answer = await admin.submit(path, **fields, drain="yes")
    page = text_of(await admin.open(answer.headers["Location"]))
    assert "Full, and 1 over its lowered limit" in page
    assert "Paid Ada Lovelace" in page
    assert "Held Grace Hopper" in page


async def test_somebody_elses_change_is_not_overwritten(admin: Browser) -> None:
    path = "/admin/programs/choir/change"
    fields = await fields_of(admin, path) | {"reason": "mine"}
    theirs = await admin.submit(path, **(fields | {"full_price": "90.00"}))
    assert theirs.status_code == 303
    mine = await admin.submit(path, **(fields | {"full_price": "80.00"}))
    assert mine.status_code == 409
    assert 'value="80.00"' in mine.text
