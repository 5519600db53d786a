"""Who takes class-rep spots and lets them go, again and again, waits (hazards 7.1)."""

from datetime import timedelta

from tests.http.people import ADA
from tests.http.service import CREATE, Http, Service, refused

SPOT = {"programId": "choir", "isClassRep": True}


async def test_who_abandons_three_spots_waits_for_a_fourth(
    http: Http, service: Service
) -> None:
    begun = {}
    for _ in range(3):
        begun = await http.buy(ADA, rep=True)
        service.clock.advance(timedelta(minutes=5))
        cancelled = await http.delete(f"/api/purchases/{begun['purchaseId']}", by=ADA)
        assert cancelled.status_code == 200

    waits = await http.post(CREATE, by=ADA, json=SPOT)
    retried = await http.post(f"/api/purchases/retry/{begun['purchaseId']}", by=ADA)

    for response in (waits, retried):
        assert refused(response)[:2] == (429, "class_rep_cool_down")
        assert response.headers["retry-after"] == str(50 * 60)
    service.clock.advance(timedelta(minutes=50) - timedelta(milliseconds=1))
    nearly = await http.post(CREATE, by=ADA, json=SPOT)
    assert nearly.headers["retry-after"] == "1"
    service.clock.advance(timedelta(milliseconds=1))
    await http.buy(ADA, rep=True)


async def test_meanwhile_the_full_price_is_for_sale(
    http: Http, service: Service
) -> None:
    for _ in range(3):
        begun = await http.buy(ADA, rep=True)
        await http.delete(f"/api/purchases/{begun['purchaseId']}", by=ADA)

    answer = await http.buy(ADA)

    assert answer["quote"]["isClassRep"] is False
    assert len(service.store.rows) == 4


async def test_a_named_request_that_had_to_wait_is_done_after_the_wait(
    http: Http, service: Service
) -> None:
    for _ in range(3):
        begun = await http.buy(ADA, rep=True)
        await http.delete(f"/api/purchases/{begun['purchaseId']}", by=ADA)
    named = {"Idempotency-Key": "one-spot"}

    waits = await http.post(CREATE, by=ADA, json=SPOT, headers=named)
    service.clock.advance(timedelta(seconds=int(waits.headers["retry-after"])))
    done = await http.post(CREATE, by=ADA, json=SPOT, headers=named)

    assert (waits.status_code, done.status_code) == (429, 200)
    assert "idempotency-replayed" not in done.headers
