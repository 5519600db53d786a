"""What waits for an admin is listed, page by page."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import jsonschema_rs
import pytest

from application.ports.event_log import EventFacts
from domain.findings import Finding, FindingKind
from domain.ids import ProgramId, PurchaseId
from domain.orphans import Orphan, OrphanReason
from domain.outbox import MailState, Notice, NoticeKind
from domain.purchase import Status
from entrypoints.simulation.outside.clock import NOON
from tests.contracts.examples import paid_session
from tests.http.people import ADA, ROOT
from tests.http.service import Http, Service, document, refused
from tests.http.shopping import bought

MINUTE = timedelta(minutes=1)
DRIFT = Finding.of(FindingKind.COUNTER_DRIFT, "choir", counter=3)
STUCK = Finding.of(FindingKind.STUCK_PHASE, "one", status="closing")
NOTICE = Notice(
    message_id="<refund-done.r1@shop.example>",
    until=NOON,
    kind=NoticeKind.REFUND_DONE,
    row_id="r1",
    place=0,
)


async def listed(http: Http, what: str, **query: Any) -> Any:
    response = await http.get(f"/api/admin/{what}", by=ROOT, params=query)
    assert response.status_code == 200, response.text
    said = document()["paths"][f"/api/admin/{what}"]["get"]["responses"]["200"]
    schema = said["content"]["application/json"]["schema"]
    components = {"components": document()["components"]}
    jsonschema_rs.validate({**schema, **components}, response.json())
    return response.json()["data"]


async def test_findings_come_with_their_plan_the_worst_first(
    http: Http, service: Service
) -> None:
    await service.findings.note(STUCK, at=NOON)
    await service.findings.note(DRIFT, at=NOON + MINUTE)

    page = await listed(http, "findings", pageSize=1)
    rest = await listed(http, "findings", pageSize=1, page=2)

    assert (page["page"], page["pageSize"], page["total"]) == (1, 1, 2)
    assert page["items"] == [
        {
            "id": DRIFT.id,
            "kind": "counter_drift",
            "severity": "critical",
            "subject": "choir",
            "evidence": {"counter": 3},
            "repair": "none",
            "automatic": False,
            "nextStep": DRIFT.next_step,
            "firstSeen": "2026-03-02T12:01:00Z",
            "lastSeen": "2026-03-02T12:01:00Z",
            "plan": DRIFT.plan,
        }
    ]
    assert [row["id"] for row in rest["items"]] == [STUCK.id]


def test_another_fact_makes_another_plan() -> None:
    assert DRIFT.plan != Finding.of(DRIFT.kind, "choir", counter=4).plan


async def test_orphans_say_how_far_they_have_gone_back(
    http: Http, service: Service
) -> None:
    lost = Orphan.found(
        paid_session(), reason=OrphanReason.NO_ROOM, event_id="evt_1", at=NOON
    )
    await service.orphans.record(lost)

    [shown] = (await listed(http, "orphans"))["items"]
    await service.orphans.swap(lost, lost.matched())

    assert (shown["id"], shown["status"], shown["reason"]) == (
        lost.id,
        "due",
        "no_room",
    )
    assert shown["dueAt"] == "2026-03-02T12:15:00Z"
    assert (await listed(http, "orphans"))["items"] == []
    assert (await listed(http, "orphans", state="all"))["items"][0]["matched"]


async def test_events_that_are_held_say_why_and_for_how_long(
    http: Http, service: Service
) -> None:
    event = EventFacts(id="evt_1", kind="refund.created", payment_intent="pi_1")
    await service.event_log.quarantine(
        event, why="unknown_payment", at=NOON, until=NOON + MINUTE
    )
    service.clock.advance(3 * MINUTE)

    [held] = (await listed(http, "events"))["items"]
    await service.event_log.give_up("evt_1", at=NOON)
    [given_up] = (await listed(http, "events"))["items"]

    assert (held["id"], held["why"], held["ageSeconds"]) == (
        "evt_1",
        "unknown_payment",
        180,
    )
    assert held["nextTry"] == "2026-03-02T12:01:00Z"
    assert (given_up["state"], given_up["nextTry"]) == ("given_up", None)


async def test_mails_are_told_apart_by_whether_they_are_still_tried(
    http: Http, service: Service
) -> None:
    done = await bought(http, service)
    row = service.purchase(done["id"])
    assert row.confirmation is not None
    dead = row.confirmation.given_up()
    service.store.put(replace(row, confirmation=dead, notices=(NOTICE,)))

    [given_up] = (await listed(http, "mails"))["items"]
    [waiting] = (await listed(http, "mails", state="waiting"))["items"]

    assert given_up["id"] == f"{row.id}.confirmation"
    assert (given_up["kind"], given_up["state"]) == ("confirmation", "dead")
    assert given_up["nextTry"] is None
    assert (waiting["id"], waiting["kind"]) == (f"{row.id}.0", "refund_done")
    assert waiting["orderNumber"] == row.order_number
    assert (await listed(http, "mails", page=2))["items"] == []


@pytest.mark.parametrize("query", ["pageSize=101", "page=0", "state=none"])
async def test_a_page_is_bounded(http: Http, query: str) -> None:
    response = await http.get(f"/api/admin/mails?{query}", by=ROOT)

    assert refused(response)[:2] == (400, "invalid_request")


# --- What an admin does about it ---------------------------------------------------


WHY = {"reason": "seen in Stripe too"}


async def do(http: Http, path: str, **body: Any) -> Any:
    return await http.post(f"/api/admin/{path}", by=ROOT, json=WHY | body)


async def test_a_finding_is_mended_as_it_was_shown_or_not_at_all(
    http: Http, service: Service
) -> None:
    service.sell()
    ghost = PurchaseId("ghost")
    await service.programs.reserve_spot(ProgramId("choir"), ghost, limit=2)
    stray = Finding.of(
        FindingKind.STRAY_SPOT, "choir/ghost", program_id="choir", purchase_id="ghost"
    )
    await service.findings.note(stray, at=NOON)
    service.clock.advance(MINUTE)
    path = f"findings/{stray.id}/repair"

    refusal = await do(http, path, plan="0" * 64)
    [shown] = (await listed(http, "findings"))["items"]
    service.clock.advance(MINUTE)
    done = await do(http, path, plan=shown["plan"])

    assert refused(refusal)[:2] == (409, "plan_changed")
    assert done.json()["data"] == {"id": stray.id, "outcome": "repaired", "why": None}
    assert (await listed(http, "findings"))["total"] == 0
    assert service.programs.holders[ProgramId("choir")] == frozenset()
    assert [entry.by for entry in service.audit.entries] == ["admin root"] * 2


@pytest.mark.parametrize("plan", ["", "0" * 63, "G" * 64, "0" * 65, "0" * 64 + "\n"])
async def test_a_plan_is_a_hash(http: Http, plan: str) -> None:
    response = await do(http, f"findings/{'0' * 20}/repair", plan=plan)

    assert refused(response)[:2] == (400, "invalid_request")


async def test_an_event_is_rehearsed_and_then_replayed(
    http: Http, service: Service
) -> None:
    begun = await http.buy(ADA)
    session = service.pay(begun["sessionId"])
    event = EventFacts(
        id="evt_1", kind="checkout.session.completed", object_id=session.id
    )
    await service.event_log.quarantine(event, why="bug", at=NOON, until=NOON)

    rehearsed = await do(http, "events/evt_1/replay", dryRun=True)

    assert rehearsed.json()["data"]["outcome"] == "applied"
    assert any("completed" in line for line in rehearsed.json()["data"]["changes"])
    assert service.purchase(begun["purchaseId"]).status is Status.PENDING
    assert service.audit.entries == []

    replayed = await do(http, "events/evt_1/replay")

    assert replayed.json()["data"] == {
        "id": "evt_1",
        "dryRun": False,
        "outcome": "applied",
        "changes": [],
    }
    assert service.purchase(begun["purchaseId"]).status is Status.COMPLETED
    assert (await listed(http, "events"))["total"] == 0
    assert [entry.subject for entry in service.audit.entries] == ["event/evt_1"]


@pytest.mark.parametrize(
    "event_id", ["evt_none", "none", "evt_%0A", "evt_" + "x" * 251]
)
async def test_an_event_that_stripe_does_not_have_is_gone(
    http: Http, event_id: str
) -> None:
    assert refused(await do(http, f"events/{event_id}/replay"))[:2] == (
        404,
        "event_gone",
    )


async def test_a_mail_that_was_given_up_is_sent_again_once(
    http: Http, service: Service
) -> None:
    done = await bought(http, service)
    row = service.purchase(done["id"])
    assert row.confirmation is not None
    service.store.put(replace(row, confirmation=row.confirmation.given_up()))
    path = f"mails/{row.id}.confirmation/resend"

    first, second = [await do(http, path) for _ in range(2)]

    assert first.json()["data"] == {
        "id": f"{row.id}.confirmation",
        "purchaseId": row.id,
    }
    assert refused(second)[:2] == (409, "cannot_resend")
    assert (await listed(http, "mails"))["total"] == 0
    assert (await listed(http, "mails", state="waiting"))["total"] == 1


async def test_a_notice_that_was_given_up_is_sent_again_under_its_own_id(
    http: Http, service: Service
) -> None:
    done = await bought(http, service)
    row = service.purchase(done["id"])
    spent = replace(NOTICE, tries=12)
    service.store.put(replace(row, notices=(spent.sent(), replace(spent, place=1))))
    dead = service.purchase(row.id).notices[1].given_up()
    service.store.put(replace(row, notices=(spent.sent(), dead)))

    response = await do(http, f"mails/{row.id}.1/resend")

    assert response.status_code == 200, response.text
    notice = service.purchase(row.id).notices[1]
    assert notice == replace(dead, state=MailState.DUE, tries=0, until=NOON)
    for place, code in (
        (0, "cannot_resend"),
        (1, "cannot_resend"),
        (2, "mail_not_found"),
    ):
        again = await do(http, f"mails/{row.id}.{place}/resend")
        assert refused(again)[1] == code


@pytest.mark.parametrize("mail_id", ["one", "one.x", ".1", "one.1.1", "one.12345"])
async def test_what_names_no_mail_is_not_found(http: Http, mail_id: str) -> None:
    assert refused(await do(http, f"mails/{mail_id}/resend"))[:2] == (
        404,
        "mail_not_found",
    )
