from domain.purchase import ClosedReason, Status
from tests.http.people import ADA, GRACE
from tests.http.service import Http, Service, refused
from tests.http.shopping import NOT_FOUND, bought


async def test_cancelling_twice_is_like_cancelling_once(
    http: Http, service: Service
) -> None:
    begun = await http.buy(ADA, rep=True)
    path = f"/api/purchases/{begun['purchaseId']}"

    first = await http.delete(path, by=ADA)
    second = await http.delete(path, by=ADA)

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    closed = first.json()["data"]
    assert closed["status"] == "failed"
    assert closed["closedReason"] == ClosedReason.CANCELLED.value
    assert closed["sessionUrl"] is None
    assert not service.programs.holders[service.sell().id]


async def test_what_is_completed_cannot_be_cancelled(
    http: Http, service: Service
) -> None:
    done = await bought(http, service)

    response = await http.delete(f"/api/purchases/{done['id']}", by=ADA)

    assert refused(response) == (
        409,
        "cannot_cancel_completed",
        "A completed purchase cannot be cancelled; ask for a refund.",
    )


async def test_what_was_paid_just_now_cannot_be_cancelled(
    http: Http, service: Service
) -> None:
    begun = await http.buy(ADA)
    service.pay(begun["sessionId"])

    response = await http.delete(f"/api/purchases/{begun['purchaseId']}", by=ADA)

    assert refused(response)[:2] == (409, "cannot_cancel_completed")


async def test_nobody_cancels_for_another(http: Http, service: Service) -> None:
    begun = await http.buy(ADA)

    response = await http.delete(f"/api/purchases/{begun['purchaseId']}", by=GRACE)

    assert refused(response) == NOT_FOUND
    assert service.purchase(begun["purchaseId"]).status is Status.PENDING
