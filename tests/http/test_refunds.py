import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from application.ports.payment_events import EventKind
from application.ports.payments import PaymentGatewayUnavailable
from application.ports.storage import StorageUnavailable
from domain.refunding import RefundReport, RefundStatus
from tests.http.people import ADA, GRACE
from tests.http.service import Http, Service, event_json, refused, settings
from tests.http.shopping import NOT_FOUND, bought

REFUND = "/api/purchases/refund"
NOT_COMPLETED = (409, "not_refundable", "Only completed purchases can be refunded.")


def refund_json(report: RefundReport) -> dict[str, Any]:
    return {
        "id": report.id,
        "object": "refund",
        "amount": report.amount,
        "created": int(report.created_at.timestamp()),
        "currency": report.currency,
        "metadata": {
            "app": report.app,
            "environment": report.environment,
            "purchase_id": report.purchase_id,
            "row_id": report.row_id,
        },
        "payment_intent": report.payment_intent,
        "status": report.status.value,
    }


async def refund(http: Http, purchase: Any, **more: Any) -> Any:
    asked = {"purchaseId": purchase["id"]}
    return await http.post(REFUND, json=asked, **{"by": ADA} | more)


async def told(http: Http, report: RefundReport) -> Any:
    """Tell the webhook how a refund stands."""
    event = event_json(
        refund_json(report), kind=EventKind.REFUND_UPDATED, livemode=False
    )
    response = await http.deliver(event)
    assert response.status_code == 200, response.text
    return response.json()["data"]["outcome"]


async def status(http: Http, purchase: Any) -> str:
    response = await http.get(f"/api/purchases/{purchase['id']}", by=ADA)
    return str(response.json()["data"]["status"])


async def has_access(http: Http) -> bool:
    response = await http.get("/api/purchases/check-access/choir", by=ADA)
    return bool(response.json()["data"]["hasAccess"])


async def test_what_was_bought_is_given_back(http: Http, service: Service) -> None:
    purchase = await bought(http, service)

    response = await refund(http, purchase)

    assert response.status_code == 200
    data = response.json()["data"]
    assert data["status"] == "refunded"
    (row,) = data["refunds"]
    assert (row["amount"], row["currency"]) == (10_000, "usd")
    assert (row["status"], row["reason"]) == ("done", "requested_by_customer")
    assert not await has_access(http)


async def test_while_it_is_under_way_access_is_kept(
    http: Http, service: Service
) -> None:
    purchase = await bought(http, service)
    service.refunds.begin_as = RefundStatus.PENDING

    response = await refund(http, purchase)

    assert response.json()["data"]["status"] == "refund_processing"
    assert await has_access(http)
    assert refused(await refund(http, purchase)) == (
        409,
        "refund_under_way",
        "A refund of this purchase is under way.",
    )
    (report,) = service.refunds.refunds.values()
    done = service.refunds.settle(report.id, RefundStatus.SUCCEEDED)
    assert await told(http, done) == "applied"
    assert await status(http, purchase) == "refunded"
    assert not await has_access(http)


async def test_a_refund_that_fails_is_told_and_access_is_kept(
    http: Http, service: Service
) -> None:
    purchase = await bought(http, service)
    service.refunds.begin_as = RefundStatus.PENDING
    await refund(http, purchase)
    (report,) = service.refunds.refunds.values()

    failed = service.refunds.settle(report.id, RefundStatus.FAILED)
    assert await told(http, failed) == "applied"

    assert await status(http, purchase) == "refund_failed"
    assert await has_access(http)
    assert service.alerts.codes == ["refund_failed"]


async def test_when_stripe_is_silent_the_refund_is_processing(
    http: Http, service: Service
) -> None:
    purchase = await bought(http, service)
    service.payments.lose_request("create_refund")

    response = await refund(http, purchase)

    assert response.json()["data"]["status"] == "refund_processing"
    assert response.json()["data"]["refunds"][0]["status"] == "due"


async def test_what_cost_nothing_is_given_back(http: Http, service: Service) -> None:
    service.sell(price=2_000, rep_discount=2_000)
    begun = await http.buy(ADA, rep=True)

    response = await refund(http, {"id": begun["purchaseId"]})

    assert response.json()["data"]["status"] == "refunded"
    assert not service.payments.calls
    assert not await has_access(http)


async def test_what_is_refunded_is_not_refunded_again(
    http: Http, service: Service
) -> None:
    purchase = await bought(http, service)
    await refund(http, purchase)

    assert refused(await refund(http, purchase)) == NOT_COMPLETED


async def test_what_is_not_paid_is_not_refunded(http: Http) -> None:
    begun = await http.buy(ADA)

    assert refused(await refund(http, {"id": begun["purchaseId"]})) == NOT_COMPLETED


async def test_nobody_refunds_for_another(http: Http, service: Service) -> None:
    purchase = await bought(http, service)

    assert refused(await refund(http, purchase, by=GRACE)) == NOT_FOUND
    assert refused(await refund(http, {"id": "nothing"})) == NOT_FOUND
    assert await status(http, purchase) == "completed"


async def test_after_the_window_it_is_too_late(http: Http, service: Service) -> None:
    purchase = await bought(http, service)
    service.clock.advance(timedelta(days=30))

    assert refused(await refund(http, purchase)) == (
        409,
        "refund_window_closed",
        "The time in which this purchase could be returned is over.",
    )


@pytest.mark.parametrize(
    "body",
    [{}, {"purchaseId": "no id"}, {"purchaseId": 1}, {"purchaseId": "a", "b": 1}],
)
async def test_a_body_that_does_not_fit_is_refused(
    http: Http, body: dict[str, Any]
) -> None:
    response = await http.post(REFUND, by=ADA, json=body)

    assert refused(response)[:2] == (400, "invalid_request")


async def test_without_the_database_nothing_is_refunded(
    http: Http, service: Service
) -> None:
    purchase = await bought(http, service)

    async def fail(moment: str) -> None:
        if moment == "before purchases.swap_money":
            raise StorageUnavailable

    service.storage.gate = fail
    response = await refund(http, purchase)

    assert refused(response)[:2] == (503, "storage_unavailable")
    assert not service.refunds.refunds


async def test_fifty_clicks_are_one_refund() -> None:
    service = Service(settings=settings(rate_limit_cancel="1000/minute"))
    service.sell()
    http = Http(service.app)
    purchase = await bought(http, service)
    service.refunds.begin_as = RefundStatus.PENDING

    responses = await asyncio.gather(*(refund(http, purchase) for _ in range(50)))

    statuses = Counter(response.status_code for response in responses)
    assert statuses == {200: 1, 409: 49}
    assert len(service.refunds.refunds) == 1


async def test_too_many_clicks_are_too_many() -> None:
    service = Service(settings=settings(rate_limit_cancel="3/minute"))
    service.sell()
    http = Http(service.app)
    purchase = await bought(http, service)

    statuses = [(await refund(http, purchase)).status_code for _ in range(4)]

    assert statuses == [200, 409, 409, 429]


async def test_when_stripe_does_not_say_whose_it_is_the_event_must_come_again(
    http: Http, service: Service
) -> None:
    begun = await http.buy(ADA)
    paid = service.pay(begun["sessionId"])
    outside = service.refunds.refund_outside(paid.payment_intent or "")
    service.payments.lose_request("owner_of")
    event = event_json(
        refund_json(outside), kind=EventKind.REFUND_CREATED, livemode=False
    )

    refusal = await http.deliver(event)
    assert refused(refusal)[:2] == (503, PaymentGatewayUnavailable.code)
    assert (await http.deliver(event)).status_code == 200

    assert await status(http, {"id": begun["purchaseId"]}) == "refunded"


# --- Eligibility --------------------------------------------------------------


async def eligibility(http: Http, purchase: Any) -> Any:
    path = f"/api/purchases/refund-eligibility/{purchase['id']}"
    return (await http.get(path, by=ADA)).json()["data"]


async def test_a_buyer_sees_what_and_until_when(http: Http, service: Service) -> None:
    purchase = await bought(http, service)

    assert await eligibility(http, purchase) == {
        "eligible": True,
        "amount": 10_000,
        "currency": "usd",
        "deadline": "2026-04-01T12:00:00Z",
        "reason": None,
        "message": None,
    }


async def test_a_buyer_sees_why_not(http: Http, service: Service) -> None:
    purchase = await bought(http, service)
    service.clock.advance(timedelta(days=30))

    answer = await eligibility(http, purchase)

    assert (answer["eligible"], answer["reason"]) == (False, "refund_window_closed")
    assert answer["deadline"] == "2026-04-01T12:00:00Z"
    assert answer["message"]
