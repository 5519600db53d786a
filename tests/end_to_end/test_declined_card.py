"""A card is declined on the payment page, and another one is not."""

from typing import Any

from tests.examples import CHOIR, a_program
from tests.servers.live_service import LiveService, live_service
from tests.servers.service import bearer
from tests.waiting import eventually


async def seen_by_ada(service: LiveService, session_id: str) -> Any:
    path = f"/api/purchases/verify-session/{session_id}"
    answer = await service.http.get(path, headers=bearer("ada"))
    assert answer.status_code == 200
    return answer.json()["data"]


async def test_a_declined_card_leaves_the_purchase_payable(
    mongo_uri: str, database_name: str
) -> None:
    async with live_service(mongo_uri, database_name) as service:
        await service.offer(a_program(class_rep_limit=1))
        begun = await service.check_out("ada", CHOIR, as_class_rep=True)
        page = begun.json()["data"]

        for _ in range(2):
            await service.stripe.press(page["sessionId"], "decline")
            await service.stripe.flush()

        seen = await seen_by_ada(service, page["sessionId"])
        assert (seen["status"], seen["sessionUrl"]) == ("pending", page["sessionUrl"])
        late = await service.check_out("grace", CHOIR, as_class_rep=True)
        assert late.status_code == 409  # Ada's spot is hers as long as she may pay
        again = await service.check_out("ada", CHOIR, as_class_rep=True)
        assert again.json()["data"]["sessionId"] == page["sessionId"]

        await service.stripe.press(page["sessionId"], "pay")

        async def is_completed() -> bool:
            rows = await service.rows("purchases")
            return "completed" in {row["status"] for row in rows}

        await eventually(is_completed)
