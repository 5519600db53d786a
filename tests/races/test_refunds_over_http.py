"""Money goes back over sockets: the service, MongoDB, Stripe and its webhooks."""

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx
import pytest
from dependency_injector import providers

from entrypoints.container import Container
from tests.examples import CHOIR, a_program
from tests.fakes.locks import NoLock
from tests.races.unguarded import SwapBlindly
from tests.servers.live_service import LiveService, all_at_once, live_service
from tests.servers.service import bearer
from tests.waiting import eventually

CLICKS: Final = 50
REFUNDS: Final = "POST /v1/refunds"


async def bought(service: LiveService) -> dict[str, Any]:
    """Let Ada buy a spot; return the purchase as it is stored."""
    await service.offer(a_program(class_rep_limit=1))
    answer = await service.check_out("ada", CHOIR, as_class_rep=True)
    await service.stripe.press(answer.json()["data"]["sessionId"], "pay")
    return await until(service, lambda row: row["status"] == "completed")


async def until(
    service: LiveService, is_so: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    """Wait for the one purchase to be so, and return it."""

    async def look() -> dict[str, Any] | None:
        [row] = await service.rows("purchases")
        return row if is_so(row) else None

    found = await eventually(look)
    assert found is not None
    return found


def click(service: LiveService, row: dict[str, Any]) -> Awaitable[httpx.Response]:
    return service.http.post(
        "/api/purchases/refund",
        json={"purchaseId": row["_id"]},
        headers=bearer("ada"),
    )


async def charge_of(service: LiveService, row: dict[str, Any]) -> dict[str, Any]:
    query = f"payment_intent={row['paid']['payment_intent']}"
    _, charges, _ = await service.stripe.call("GET", f"/v1/charges?{query}")
    charge: dict[str, Any] = charges["data"][0]
    return charge


async def spots(service: LiveService) -> list[str]:
    [program] = await service.rows("programs")
    return list(program["spots"])


async def many_clicks(service: LiveService) -> tuple[Counter[int], dict[str, Any]]:
    row = await bought(service)
    await service.stripe.control("POST", "/refunds", begin_as="pending")
    answers = await all_at_once(*(click(service, row) for _ in range(CLICKS)))
    return Counter(answer.status_code for answer in answers), row


async def test_fifty_clicks_make_one_refund(mongo_uri: str, database_name: str) -> None:
    async with live_service(mongo_uri, database_name) as service:
        statuses, row = await many_clicks(service)

        assert statuses == {200: 1, 409: CLICKS - 1}
        assert await service.stripe.count(REFUNDS) == 1
        sent = await until(service, lambda row: row["refunds"][0]["state"] == "sent")
        assert (sent["status"], await spots(service)) == ("refunding", [row["_id"]])
        await service.stripe.settle_refund(sent["refunds"][0]["stripe_id"], "succeeded")
        done = await until(service, lambda row: row["status"] == "refunded")
        assert [refund["state"] for refund in done["refunds"]] == ["done"]
        assert "open_money" not in done
        assert "live" not in done
        assert (await charge_of(service, row))["refunded"]

        async def is_free() -> bool:
            return await spots(service) == []

        await eventually(is_free)


async def test_clicks_that_are_stored_blindly_make_more(
    mongo_uri: str, database_name: str
) -> None:
    def prepare(container: Container) -> None:
        container.locks.override(providers.Object(NoLock()))
        container.purchases.override(providers.Object(SwapBlindly()))

    async with live_service(
        mongo_uri, database_name, prepare=prepare, reconciles=False
    ) as service:
        row = await bought(service)
        await service.stripe.webhooks(paused=True)
        await service.stripe.control("POST", "/refunds", begin_as="pending")
        answers = await all_at_once(click(service, row), click(service, row))

        assert [answer.status_code for answer in answers] == [200, 200]


async def test_a_refund_that_fails_at_the_bank_leaves_the_buyer_their_spot(
    mongo_uri: str, database_name: str
) -> None:
    async with live_service(mongo_uri, database_name) as service:
        row = await bought(service)
        await service.stripe.control("POST", "/refunds", begin_as="pending")
        assert (await click(service, row)).json()["data"]["status"] == (
            "refund_processing"
        )
        sent = await until(service, lambda row: row["refunds"][0]["state"] == "sent")

        await service.stripe.settle_refund(sent["refunds"][0]["stripe_id"], "failed")

        await until(service, lambda row: row["status"] == "completed")
        path = f"/api/purchases/{row['_id']}"
        answer = await service.http.get(path, headers=bearer("ada"))
        assert answer.json()["data"]["status"] == "refund_failed"
        assert await spots(service) == [row["_id"]]


async def test_a_buyer_sees_until_when_a_purchase_may_go_back(
    mongo_uri: str, database_name: str
) -> None:
    async with live_service(mongo_uri, database_name) as service:
        row = await bought(service)

        path = f"/api/purchases/refund-eligibility/{row['_id']}"
        told = (await service.http.get(path, headers=bearer("ada"))).json()["data"]

        assert told["eligible"]
        deadline = datetime.fromisoformat(told["deadline"])
        assert deadline - row["completed_at"] == timedelta(days=30)


async def test_a_refund_in_the_dashboard_ends_the_purchase(
    mongo_uri: str, database_name: str
) -> None:
    async with live_service(mongo_uri, database_name) as service:
        row = await bought(service)
        charge = await charge_of(service, row)

        await service.stripe.call("POST", "/v1/refunds", f"charge={charge['id']}")

        done = await until(service, lambda row: row["status"] == "refunded")
        assert [refund["by"] for refund in done["refunds"]] == ["dashboard"]


async def test_a_lost_dispute_ends_the_purchase(
    mongo_uri: str, database_name: str
) -> None:
    async with live_service(mongo_uri, database_name) as service:
        row = await bought(service)
        charge = await charge_of(service, row)

        opened = await service.stripe.control("POST", "/disputes", charge=charge["id"])
        await until(service, lambda row: "dispute" in row)
        refusal = (await click(service, row)).json()
        assert (refusal["status"], refusal["code"]) == (409, "not_refundable")
        path = f"/disputes/{opened['id']}/close"
        await service.stripe.control("POST", path, outcome="lost")

        await until(service, lambda row: row["status"] == "refunded")


@pytest.mark.parametrize("first", ["refund.created", "charge.refunded"])
async def test_word_of_a_refund_may_overtake_word_of_its_payment(
    mongo_uri: str, database_name: str, first: str
) -> None:
    async with live_service(mongo_uri, database_name) as service:
        await service.offer(a_program())
        await service.stripe.webhooks(paused=True)
        answer = await service.check_out("ada", CHOIR, as_class_rep=True)
        await service.stripe.press(answer.json()["data"]["sessionId"], "pay")
        _, charges, _ = await service.stripe.call("GET", "/v1/charges")
        form = f"charge={charges['data'][0]['id']}"
        await service.stripe.call("POST", "/v1/refunds", form)
        _, events, _ = await service.stripe.call("GET", f"/v1/events?type={first}")

        await service.stripe.control("POST", f"/events/{events['data'][0]['id']}/send")
        await service.stripe.webhooks(paused=False)

        done = await until(service, lambda row: row["status"] == "refunded")
        ends = [entry["to"] for entry in done["log"][-2:]]
        assert ends == ["completed", "refunded"]
        await service.stripe.flush()
        [row] = await service.rows("purchases")
        assert (row["status"], len(row["refunds"])) == ("refunded", 1)


async def test_money_that_is_owed_is_driven_on(
    mongo_uri: str, database_name: str
) -> None:
    """Stripe is out of order when the buyer asks, and in order later."""
    async with live_service(mongo_uri, database_name, reconciles=False) as service:
        row = await bought(service)
        await service.stripe.webhooks(paused=True)
        await service.stripe.fault(
            "drop_after", method="POST", path="/v1/refunds", count=3
        )
        assert (await click(service, row)).json()["data"]["status"] == (
            "refund_processing"
        )

        use_cases = service.container.use_cases()
        purchases = use_cases.purchases()
        [owing] = await purchases.owing(at=datetime.now(UTC), limit=10)
        driven = await use_cases.drive_money()(
            await purchases.get(owing.id), by="reconcile"
        )

        assert driven.status.value == "refunded"
        charge = await charge_of(service, row)
        assert charge["amount_refunded"] == row["paid"]["amount"]
        assert await service.stripe.count("GET /v1/refunds") == 1
