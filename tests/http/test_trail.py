"""What requests and events leave in the history of a purchase."""

from typing import Any

from application.ports.hearing import Heard
from application.ports.payment_events import EventKind
from application.ports.trail import TrailEntry, TrailKind
from entrypoints.simulation.outside.clock import NOON
from tests.http.people import ADA, GRACE, ROOT
from tests.http.service import CREATE, Http, Service
from tests.http.shopping import bought


def asked(service: Service) -> list[tuple[str, Any, Any]]:
    """Return which requests were noted, how they ended and who asked."""
    return [
        (entry.what, entry.facts["status"], entry.facts["role"])
        for entry in service.trail.waiting
        if entry.kind is TrailKind.REQUEST
    ]


async def test_each_request_about_a_purchase_is_in_its_history(
    http: Http, service: Service
) -> None:
    done = await bought(http, service)
    why = {"reason": "the buyer called"}
    await http.post(f"/api/admin/purchases/{done['id']}/refund", by=ROOT, json=why)
    await http.post("/api/purchases/refund", by=ADA, json={"purchaseId": done["id"]})

    assert asked(service) == [
        (f"POST {CREATE}", 200, "user"),
        ("GET /api/purchases/verify-session/{session_id}", 200, "user"),
        ("POST /api/admin/purchases/{purchase_id}/refund", 200, "admin"),
        ("POST /api/purchases/refund", 409, "user"),
    ]
    [begun, verified, *_] = service.trail.waiting
    session = service.purchase(done["id"]).session
    assert session is not None
    assert (begun.subjects, verified.subjects) == ((done["id"],), (session.id,))


async def test_who_only_looks_leaves_nothing(http: Http, service: Service) -> None:
    done = await bought(http, service)
    service.trail.waiting.clear()

    for path in ("", "/receipt"):
        answer = await http.get(f"/api/purchases/{done['id']}{path}", by=ADA)
        assert answer.status_code == 200
    await http.get(f"/api/admin/purchases/{done['id']}", by=ROOT)

    assert service.trail.waiting == []


async def test_it_is_known_by_the_id_of_the_answer(
    http: Http, service: Service
) -> None:
    begun = await http.buy(ADA)
    response = await http.delete(f"/api/purchases/{begun['purchaseId']}", by=ADA)

    assert (
        service.trail.waiting[-1].facts["requestId"]
        == (response.headers["x-request-id"])
    )


async def test_who_is_told_of_a_purchase_in_a_refusal_is_in_its_history(
    http: Http, service: Service
) -> None:
    done = await bought(http, service)
    again = await http.post(CREATE, by=ADA, json={"programId": "choir"})

    assert again.json()["purchaseId"] == done["id"]
    assert asked(service)[-1] == (f"POST {CREATE}", 400, "user")
    assert service.trail.waiting[-1].subjects == (done["id"],)


async def test_what_is_about_nobodys_purchase_is_no_history(
    http: Http, service: Service
) -> None:
    begun = await http.buy(ADA)
    service.trail.waiting.clear()

    for person in (GRACE, None):
        await http.get(f"/api/purchases/{begun['purchaseId']}", by=person)
    await http.get("/api/purchases/my-purchases", by=ADA)
    await http.get("/api/programs/choir", by=ADA)
    await http.get("/nowhere/at/all", by=ADA)

    assert service.trail.waiting == []


async def test_no_person_is_in_it(http: Http, service: Service) -> None:
    await bought(http, service)

    said = repr(service.trail.waiting)
    assert not [word for word in (f"'{ADA.id}'", "@", "Lovelace") if word in said]


async def test_each_delivery_of_an_event_is_in_it_and_heard(
    http: Http, service: Service
) -> None:
    kind = EventKind.SESSION_COMPLETED
    begun = await http.buy(ADA)
    service.pay(begun["sessionId"])

    await http.deliver(service.event(begun["sessionId"], kind=kind))

    told = service.trail.waiting[-1]
    assert told == TrailEntry(
        kind=TrailKind.EVENT,
        what="checkout.session.completed",
        at=NOON,
        subjects=told.subjects,
        facts={"eventId": "evt_1", "outcome": "applied", "lagSeconds": 0.0},
    )
    assert told.subjects[:2] == (begun["purchaseId"], begun["sessionId"])
    assert await service.hearing.last() == Heard(at=NOON, created_at=NOON)


async def test_an_event_that_nobody_may_send_is_not_heard(
    http: Http, service: Service
) -> None:
    begun = await http.buy(ADA)
    body = service.event(begun["sessionId"], kind=EventKind.SESSION_COMPLETED)

    await http.deliver(body, headers={"Stripe-Signature": "t=1,v1=forged"})

    assert await service.hearing.last() is None
