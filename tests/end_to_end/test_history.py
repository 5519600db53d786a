"""A purchase over sockets, and all of what admins are told of it afterwards."""

from datetime import UTC, datetime
from typing import Any

from pymongo import MongoClient

from entrypoints.cli.tokens import Role
from tests.examples import CHOIR, a_program
from tests.servers.live_service import LiveService, live_service
from tests.servers.service import bearer
from tests.waiting import eventually

HERE = "/api/admin/purchases"


async def seen(service: LiveService, path: str) -> Any:
    headers = bearer("root", role=Role.ADMIN)
    answer = await service.http.get(f"{HERE}{path}", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def whats(file: Any, kind: str) -> list[str]:
    return [each["what"] for each in file["timeline"] if each["kind"] == kind]


async def test_a_timeline_names_what_stripe_and_the_buyer_saw(
    mongo_uri: str, database_name: str
) -> None:
    async with live_service(mongo_uri, database_name) as service:
        await service.offer(a_program())
        begun = (await service.check_out("ada", CHOIR, as_class_rep=True)).json()[
            "data"
        ]
        id_ = begun["purchaseId"]
        await service.stripe.press(begun["sessionId"], "pay")

        async def is_confirmed() -> bool:
            return "confirmation" in whats(await seen(service, f"/{id_}"), "mail")

        await eventually(is_confirmed)
        preview = await seen(service, f"/{id_}/refund-preview")
        refund = await service.http.post(
            f"{HERE}/{id_}/refund",
            json={"reason": "the buyer called"},
            headers=bearer("root", role=Role.ADMIN),
        )
        asked = refund.headers["x-request-id"]

        async def is_over() -> bool:
            file = await seen(service, f"/{id_}")
            told = {*whats(file, "mail"), *whats(file, "event")}
            return {"refund_received", "refund_done", "refund.created"} <= told

        await eventually(is_over)
        file = await seen(service, f"/{id_}")
        today = datetime.now(UTC).date()
        [money] = (await seen(service, "/stats?days=2"))["moneyByDay"][-1:]
        listed = await seen(service, f"?search={begun['sessionId']}&status=refunded")

    assert preview["releasesSpot"]
    assert (money["in"], money["out"]) == (preview["amount"], preview["amount"])
    assert today.isoformat() >= money["day"]
    assert [row["id"] for row in listed["items"]] == [id_]
    calls = {
        each["what"]: each["facts"]
        for each in file["timeline"]
        if each["kind"] == "stripe"
    }
    assert {"create_session", "payment_method", "create_refund"} <= calls.keys()
    assert all(
        str(call["stripeRequestIds"]).startswith("req_") for call in calls.values()
    )
    assert calls["create_refund"]["requestId"] == asked
    assert "checkout.session.completed" in whats(file, "event")
    assert f"POST {HERE}/{{purchase_id}}/refund" in whats(file, "request")
    assert whats(file, "act") == ["refund"]
    assert whats(file, "state")[0] == "began"
    assert whats(file, "state")[-1] == "refunded"

    # The service has ended: what nobody had written yet is written.
    with MongoClient[dict[str, Any]](mongo_uri) as client:
        rows = list(client[database_name]["trail"].find({}))
        assert client[database_name]["heard"].count_documents({}) == 1
    kept = {(row["kind"], row["what"]) for row in rows}
    assert ("call", "create_refund") in kept
    assert ("request", f"POST {HERE}/{{purchase_id}}/refund") in kept
    assert "ada@" not in repr(rows)
