"""What waits for an admin is listed, page by page."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import jsonschema_rs
import pytest

from application.ports.event_log import EventFacts
from domain.findings import Finding, FindingKind
from domain.orphans import Orphan, OrphanReason
from domain.outbox import Notice, NoticeKind
from entrypoints.simulation.outside.clock import NOON
from tests.contracts.examples import paid_session
from tests.http.people import ROOT
from tests.http.service import Http, Service, document, refused
from tests.http.shopping import bought

MINUTE = timedelta(minutes=1)
DRIFT = Finding.of(FindingKind.COUNTER_DRIFT, "choir", counter=3)
STUCK = Finding.of(FindingKind.STUCK_PHASE, "one", status="closing")


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
    notice = Notice(
        message_id="<refund-done.r1@shop.example>",
        until=NOON,
        kind=NoticeKind.REFUND_DONE,
        row_id="r1",
        place=0,
    )
    dead = row.confirmation.given_up()
    service.store.put(replace(row, confirmation=dead, notices=(notice,)))

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
