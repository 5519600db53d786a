"""Who of ours did what, as other admins see it."""

from tests.http.people import ADA, ROOT
from tests.http.service import Http, Service, refused


async def test_what_admins_do_is_told_newest_first(
    http: Http, service: Service
) -> None:
    begun = await http.buy(ADA)
    acts = f"/api/admin/purchases/{begun['purchaseId']}"
    for why in ("the first call", "the second call"):
        service.clock.advance(service.use_cases.hold() / 10)
        body = {"reason": why, "amount": 300}
        await http.post(f"{acts}/refund", by=ROOT, json=body)

    response = await http.get("/api/admin/audit?pageSize=1", by=ROOT)

    data = response.json()["data"]
    assert (data["page"], data["pageSize"], data["total"]) == (1, 1, 2)
    assert data["items"] == [
        {
            "at": "2026-03-02T12:07:00Z",
            "by": "admin root",
            "what": "refund",
            "subject": f"purchase/{begun['purchaseId']}",
            "why": "the second call",
            "before": {},
            "after": {"amount": 300},
        }
    ]


async def test_one_may_ask_about_one_purchase(http: Http) -> None:
    begun = await http.buy(ADA)
    path = f"/api/admin/purchases/{begun['purchaseId']}/cancel"
    await http.post(path, by=ROOT, json={"reason": "a call"})

    for subject, seen in ((f"purchase/{begun['purchaseId']}", 1), ("purchase/x", 0)):
        response = await http.get(f"/api/admin/audit?subject={subject}", by=ROOT)
        assert response.json()["data"]["total"] == seen


async def test_a_subject_that_is_too_long_is_refused(http: Http) -> None:
    response = await http.get(f"/api/admin/audit?subject={'x' * 201}", by=ROOT)

    assert refused(response)[:2] == (400, "invalid_request")
