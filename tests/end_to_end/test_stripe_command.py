"""Stripe's own command pays our sessions and carries our webhooks."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.examples import CHOIR, a_program
from tests.servers.live_service import WEBHOOK, LiveService, live_service
from tests.servers.service import bearer
from tests.servers.stripe_cli import StripeCommand
from tests.waiting import eventually

pytestmark = pytest.mark.stripe_cli


def payment_of(session_id: str, amount: int) -> dict[str, Any]:
    """Return a fixture with which the command pays a session."""
    method = {"type": "card", "card": {"token": "tok_visa"}}
    steps = [
        {
            "name": "pm",
            "path": "/v1/payment_methods",
            "method": "post",
            "params": method,
        },
        {
            "name": "pay",
            "path": f"/v1/payment_pages/{session_id}/confirm",
            "method": "post",
            "params": {"payment_method": "${pm:id}", "expected_amount": amount},
        },
    ]
    return {"_meta": {"template_version": 0}, "fixtures": steps}


async def pay_with(command: StripeCommand, answer: Any, folder: Path) -> None:
    data = answer.json()["data"]
    fixture = payment_of(data["sessionId"], data["quote"]["total"])
    path = folder / "pay.json"
    path.write_text(json.dumps(fixture))
    await command.run("fixtures", str(path))


async def status_of(service: LiveService) -> str:
    [row] = await service.rows("purchases")
    return str(row["status"])


async def test_the_command_pays_and_carries_the_webhook(
    mongo_uri: str, database_name: str, tmp_path: Path
) -> None:
    async with live_service(mongo_uri, database_name) as service:
        await service.offer(a_program())
        await service.stripe.webhooks(urls=[])  # only the command knows the service
        command = StripeCommand(service.stripe.url, tmp_path)
        async with command.listening(f"{service.url}{WEBHOOK}"):
            answer = await service.check_out("ada", CHOIR, as_class_rep=True)
            await pay_with(command, answer, tmp_path)
            await eventually(lambda: is_completed(service))
        found = await service.http.get(
            "/api/purchases/my-purchases", headers=bearer("ada")
        )
    assert [row["status"] for row in found.json()["data"]["items"]] == ["completed"]


async def is_completed(service: LiveService) -> bool:
    return await status_of(service) == "completed"


async def test_an_event_that_the_command_resends_changes_nothing(
    mongo_uri: str, database_name: str, tmp_path: Path
) -> None:
    async with live_service(mongo_uri, database_name) as service:
        await service.offer(a_program())
        command = StripeCommand(service.stripe.url, tmp_path)
        answer = await service.check_out("ada", CHOIR, as_class_rep=True)
        await pay_with(command, answer, tmp_path)
        await eventually(lambda: is_completed(service))
        before = await service.rows("purchases")
        query = "type=checkout.session.completed"
        _, events, _ = await service.stripe.call("GET", f"/v1/events?{query}")

        await command.run("events", "resend", events["data"][0]["id"])

        deliveries = await service.stripe.flush()
        assert {delivery["status"] for delivery in deliveries} == {200}
        after = await service.rows("purchases")
        assert [row["log"] for row in after] == [row["log"] for row in before]


async def test_a_purchase_of_somebody_else_at_our_account_is_not_ours(
    mongo_uri: str, database_name: str, tmp_path: Path
) -> None:
    async with live_service(mongo_uri, database_name) as service:
        command = StripeCommand(service.stripe.url, tmp_path)

        await command.run("trigger", "checkout.session.completed")

        deliveries = await service.stripe.flush()
        assert Counter(delivery["status"] for delivery in deliveries)[200] >= 1
        assert {delivery["status"] for delivery in deliveries} == {200}
        assert await service.rows("purchases") == []
        assert await service.rows("orphans") == []
