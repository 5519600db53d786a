from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from application.ports.storage import StorageUnavailable
from domain.checkout import Payer
from domain.money import Money
from domain.purchase import PaymentMethod, Purchase, Status
from domain.refunds import Refund, RefundState
from entrypoints.http.shapes import WireStatus, wire_status
from tests.http.people import ADA, GRACE, ROOT
from tests.http.service import Http, Service, refused
from tests.http.shopping import NOT_FOUND, bought


async def test_the_success_page_is_right_without_a_webhook(
    http: Http, service: Service
) -> None:
    purchase = await bought(http, service, rep=True)

    stored = service.purchase(purchase["id"])
    assert purchase == {
        "id": stored.id,
        "orderNumber": stored.order_number,
        "programId": "choir",
        "programTitle": "The choir",
        "isClassRep": True,
        "isEarlyBird": False,
        "quote": {
            "fullPrice": 10000,
            "classRepDiscount": 2000,
            "earlyBirdDiscount": 0,
            "total": 8000,
            "currency": "usd",
            "isClassRep": True,
            "isEarlyBird": False,
            "fingerprint": stored.quote.fingerprint,
        },
        "status": "completed",
        "closedReason": None,
        "sessionUrl": None,
        "expiresAt": "2026-03-02T12:35:00Z",
        "createdAt": "2026-03-02T12:00:00Z",
        "purchaseDate": "2026-03-02T12:00:00Z",
        "refunds": [],
        "paymentMethod": None,
        "billingInfo": {"name": "Ada", "email": "ada@example.org", "country": "GB"},
    }


async def test_an_unpaid_session_is_pending_and_can_be_paid(http: Http) -> None:
    begun = await http.buy(ADA)

    path = f"/api/purchases/verify-session/{begun['sessionId']}"
    purchase = (await http.get(path, by=ADA)).json()["data"]

    assert purchase["status"] == "pending"
    assert purchase["sessionUrl"] == begun["sessionUrl"]
    assert purchase["purchaseDate"] is None


@pytest.mark.parametrize(
    "session_id",
    [
        "cs_test_unknown",
        "unknown",
        "cs_",
        "cs_" + "a" * 251,
        "cs_%00",
        "cs_a%0A",
        "$ne",
    ],
)
async def test_a_session_of_nobody_is_not_found(http: Http, session_id: str) -> None:
    response = await http.get(f"/api/purchases/verify-session/{session_id}", by=ADA)

    assert refused(response) == NOT_FOUND


async def test_lists_show_what_was_bought_and_what_was_begun(
    http: Http, service: Service
) -> None:
    service.sell("poetry")
    done = await bought(http, service)
    begun = await http.buy(ADA, "poetry")
    await http.buy(GRACE, "poetry")

    purchases = (await http.get("/api/purchases/my-purchases", by=ADA)).json()["data"]
    pending = (await http.get("/api/purchases/my-pending-purchases", by=ADA)).json()

    assert purchases == {"items": [done], "page": 1, "pageSize": 20, "total": 1}
    [item] = pending["data"].pop("items")
    assert item["id"] == begun["purchaseId"]
    assert pending["data"] == {"page": 1, "pageSize": 20, "total": 1}


async def test_lists_come_in_pages(http: Http, service: Service) -> None:
    for name in ("alto", "bass", "tenor"):
        service.sell(name)
        await http.buy(ADA, name)
        service.clock.advance(timedelta(seconds=1))

    path = "/api/purchases/my-pending-purchases?page=2&pageSize=2"
    page = (await http.get(path, by=ADA)).json()["data"]

    assert [item["programId"] for item in page["items"]] == ["alto"]
    assert (page["page"], page["pageSize"], page["total"]) == (2, 2, 3)


async def test_reads_never_write(http: Http, service: Service) -> None:
    begun = await http.buy(ADA)
    service.clock.advance(timedelta(days=2))
    before = dict(service.store.rows)

    for path in ("my-purchases", "my-pending-purchases", begun["purchaseId"]):
        await http.get(f"/api/purchases/{path}", by=ADA)

    assert service.store.rows == before


async def test_one_purchase_is_shown_as_in_the_list(
    http: Http, service: Service
) -> None:
    done = await bought(http, service)

    response = await http.get(f"/api/purchases/{done['id']}", by=ADA)

    assert response.json() == {"success": True, "data": done}


@pytest.mark.parametrize("receipt", ["", "/receipt"])
async def test_anothers_purchase_looks_like_none(
    http: Http, service: Service, receipt: str
) -> None:
    done = await bought(http, service)
    headers = {"X-Request-Id": "the-same-one"}

    theirs = f"/api/purchases/{done['id']}{receipt}"
    nobodys = f"/api/purchases/{'0' * len(done['id'])}{receipt}"
    answers = [
        await http.get(path, by=GRACE, headers=headers) for path in (theirs, nobodys)
    ]

    assert refused(answers[0]) == NOT_FOUND
    told = answers[0].content.replace(theirs.encode(), nobodys.encode())
    assert told == answers[1].content
    assert answers[0].headers == answers[1].headers


async def test_an_admin_sees_their_own_purchases_and_no_others_here(
    http: Http, service: Service
) -> None:
    done = await bought(http, service)

    assert refused(await http.get(f"/api/purchases/{done['id']}", by=ROOT)) == NOT_FOUND


async def test_a_receipt_shows_the_parts_of_the_price(
    http: Http, service: Service
) -> None:
    done = await bought(http, service, rep=True)
    row = service.purchase(done["id"])
    visa = PaymentMethod(type="card", brand="visa", last4="4242")
    service.store.put(replace(row, payment_method=visa))

    response = await http.get(f"/api/purchases/{done['id']}/receipt", by=ADA)

    assert response.json()["data"] == {
        "id": done["id"],
        "orderNumber": done["orderNumber"],
        "purchaseDate": "2026-03-02T12:00:00Z",
        "programId": "choir",
        "programTitle": "The choir",
        "programType": "Webinar",
        "timeZone": "Europe/Berlin",
        "buyer": {"name": ADA.name, "email": ADA.email},
        "quote": done["quote"],
        "status": "completed",
        "paymentMethod": {"type": "card", "brand": "visa", "last4": "4242"},
        "billingInfo": done["billingInfo"],
        "refunds": [],
        "refundedAmount": 0,
    }


async def test_a_free_purchase_has_a_receipt(http: Http, service: Service) -> None:
    service.sell("gift", price=5000, rep_discount=5000)
    free = await http.buy(ADA, "gift", rep=True)

    path = f"/api/purchases/{free['purchaseId']}/receipt"
    receipt = (await http.get(path, by=ADA)).json()["data"]

    assert receipt["quote"]["total"] == 0
    assert receipt["billingInfo"] is None


async def test_what_was_never_completed_has_no_receipt(http: Http) -> None:
    begun = await http.buy(ADA)

    path = f"/api/purchases/{begun['purchaseId']}/receipt"

    assert refused(await http.get(path, by=ADA)) == (
        409,
        "receipt_not_available",
        "Receipt is only available for completed purchases.",
    )


async def test_refunds_are_on_the_purchase_and_its_receipt(
    http: Http, service: Service
) -> None:
    done = await bought(http, service)
    refund = Refund(
        id="r1",
        amount=Money.of(10_000, "usd"),
        reason="requested",
        by="buyer",
        state=RefundState.SENT,
    )
    row = service.purchase(done["id"])
    service.store.put(replace(row, status=Status.REFUNDING, refunds=(refund,)))

    path = f"/api/purchases/{done['id']}"
    shown = (await http.get(path, by=ADA)).json()["data"]
    receipt = (await http.get(f"{path}/receipt", by=ADA)).json()["data"]

    assert shown["status"] == receipt["status"] == "refund_processing"
    assert shown["refunds"] == receipt["refunds"]
    assert shown["refunds"] == [
        {
            "id": "r1",
            "amount": 10000,
            "currency": "usd",
            "status": "sent",
            "reason": "requested",
        }
    ]
    assert receipt["refundedAmount"] == 10000


@pytest.mark.parametrize(
    ("status", "wire"),
    [
        ("creating", "pending"),
        ("reserved", "pending"),
        ("pending", "pending"),
        ("closing", "pending"),
        ("closed", "failed"),
        ("completed", "completed"),
        ("refunding", "refund_processing"),
        ("refunded", "refunded"),
    ],
)
async def test_statuses_are_the_seeds(
    http: Http, service: Service, status: str, wire: str
) -> None:
    begun = await http.buy(ADA)
    row = replace(service.purchase(begun["purchaseId"]), status=Status(status))

    assert wire_status(row) == WireStatus(wire)


@pytest.mark.parametrize("state", [RefundState.FAILED, RefundState.REFUSED])
async def test_a_refund_that_failed_is_told(
    http: Http, service: Service, state: RefundState
) -> None:
    done = await bought(http, service)
    amount = Money.of(10_000, "usd")
    refund = Refund(id="r1", amount=amount, reason="x", by="buyer", state=state)
    row: Purchase = service.purchase(done["id"])
    service.store.put(replace(row, refunds=(refund,)))

    shown = (await http.get(f"/api/purchases/{done['id']}", by=ADA)).json()["data"]

    assert shown["status"] == "refund_failed"


async def test_nobody_retries_for_another(http: Http) -> None:
    begun = await http.buy(ADA)

    path = f"/api/purchases/retry/{begun['purchaseId']}"

    assert refused(await http.post(path, by=GRACE)) == NOT_FOUND


async def test_access_says_why(http: Http, service: Service) -> None:
    service.sell("open", price=0, rep_discount=0)
    await bought(http, service)

    async def access(program: str, by: Any) -> Any:
        path = f"/api/purchases/check-access/{program}"
        return (await http.get(path, by=by)).json()["data"]

    assert await access("choir", ADA) == {"hasAccess": True, "reason": "purchased"}
    assert await access("choir", GRACE) == {
        "hasAccess": False,
        "reason": "not_purchased",
    }
    assert await access("open", GRACE) == {"hasAccess": True, "reason": "free"}
    assert await access("choir", ROOT) == {"hasAccess": True, "reason": "admin"}


async def test_a_session_of_the_other_mode_concludes_nothing(
    http: Http, service: Service
) -> None:
    begun = await http.buy(ADA)
    session = service.session(begun["sessionId"])
    service.payments.plant(replace(session, livemode=True, payer=Payer()))

    path = f"/api/purchases/verify-session/{begun['sessionId']}"

    assert refused(await http.get(path, by=ADA))[:2] == (400, "livemode_mismatch")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/purchases/{0}"),
        ("GET", "/api/purchases/{0}/receipt"),
        ("DELETE", "/api/purchases/{0}"),
        ("POST", "/api/purchases/retry/{0}"),
        ("GET", "/api/purchases/my-purchases"),
        ("GET", "/api/purchases/my-pending-purchases"),
        ("GET", "/api/purchases/check-access/choir"),
        ("GET", "/api/purchases/verify-session/cs_test_1"),
    ],
)
async def test_a_database_that_does_not_answer_is_to_be_asked_again(
    http: Http, service: Service, method: str, path: str
) -> None:
    begun = await http.buy(ADA)

    async def fail(_moment: str) -> None:
        raise StorageUnavailable

    service.storage.gate = fail
    response = await http.ask(method, path.format(begun["purchaseId"]), by=ADA)

    assert refused(response)[0] == 503
    assert response.headers["retry-after"] == "1"
