"""Every way in which money moves, over sockets; then both books, side by side."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from tests.cli.command import Result, spothold
from tests.examples import CHOIR, a_program
from tests.servers.live_service import LiveService, live_service
from tests.servers.service import bearer
from tests.waiting import eventually

WHOLE: Final = 10_000
# Yesterday too: the test may run at midnight.
COMMAND: Final = ("ledger", "--days", "2", "--with-today")

Row = dict[str, Any]


async def until(
    service: LiveService, purchase_id: str, is_so: Callable[[Row], bool]
) -> Row:
    async def look() -> Row | None:
        rows = {row["_id"]: row for row in await service.rows("purchases")}
        row = rows.get(purchase_id)
        return row if row is not None and is_so(row) else None

    found = await eventually(look)
    assert found is not None
    return found


async def bought(service: LiveService, buyer: str) -> Row:
    answer = await service.check_out(buyer, CHOIR, as_class_rep=False)
    data = answer.json()["data"]
    await service.stripe.press(data["sessionId"], "pay")
    return await until(
        service, data["purchaseId"], lambda row: row["status"] == "completed"
    )


async def refund_in_the_dashboard(service: LiveService, row: Row, amount: int) -> None:
    form = f"payment_intent={row['paid']['payment_intent']}&amount={amount}"
    status, answer, _ = await service.stripe.call("POST", "/v1/refunds", form)
    assert status == 200, answer
    await until(service, row["_id"], lambda row: _states(row) == ["done"])


async def lose_a_dispute(service: LiveService, row: Row) -> None:
    query = f"payment_intent={row['paid']['payment_intent']}"
    _, charges, _ = await service.stripe.call("GET", f"/v1/charges?{query}")
    charge = charges["data"][0]["id"]
    dispute = await service.stripe.control("POST", "/disputes", charge=charge)
    path = f"/disputes/{dispute['id']}/close"
    await service.stripe.control("POST", path, outcome="lost")
    await until(service, row["_id"], lambda row: row["status"] == "refunded")


async def refund_that_comes_back(service: LiveService, row: Row, buyer: str) -> None:
    """Let a refund succeed, come back, and be made a second time."""
    await service.http.post(
        "/api/purchases/refund",
        json={"purchaseId": row["_id"]},
        headers=bearer(buyer),
    )
    done = await until(service, row["_id"], lambda row: _states(row) == ["done"])
    await service.stripe.settle_refund(done["refunds"][0]["stripe_id"], "failed")
    states = ["failed", "due"], ["failed", "done"]
    await until(service, row["_id"], lambda row: _states(row) in states)
    await service.container.use_cases().drive_owing()()
    await until(service, row["_id"], lambda row: _states(row) == states[-1])


def _states(row: Row) -> list[str]:
    return [refund["state"] for refund in row.get("refunds", [])]


async def ledgers(service: LiveService, folder: Path, *options: str) -> Result:
    settings = service.container.settings()
    uri = settings.mongodb_uri
    assert uri is not None
    return await spothold(
        *COMMAND,
        *options,
        folder=folder,
        MONGODB_URI=uri.get_secret_value(),
        MONGODB_DATABASE=settings.mongodb_database,
        STRIPE_API_BASE=service.stripe.url,
    )


def total(result: Result, side: str) -> int:
    days = json.loads(result.out)
    return sum(line[side] for day in days for line in day["lines"])


async def test_both_books_are_equal_until_a_row_is_lost(
    mongo_uri: str, database_name: str, tmp_path: Path
) -> None:
    async with live_service(mongo_uri, database_name) as service:
        await service.offer(a_program())
        kept = await bought(service, "ada")
        await refund_in_the_dashboard(service, await bought(service, "grace"), 500)
        await lose_a_dispute(service, await bought(service, "mallory"))
        await refund_that_comes_back(service, await bought(service, "ida"), "ida")

        equal = await ledgers(service, tmp_path, "--json")

        assert (equal.code, equal.err) == (0, "")
        assert total(equal, "ours") == total(equal, "stripes") == 2 * WHOLE - 500
        assert all(day["items"] == [] for day in json.loads(equal.out))

        database = service.container.mongo()[database_name]
        await database["purchases"].delete_one({"_id": kept["_id"]})
        found = await ledgers(service, tmp_path, "--json")
        told = await ledgers(service, tmp_path)

    assert found.code == told.code == 1
    assert total(found, "difference") == WHOLE
    (item,) = [item for day in json.loads(found.out) for item in day["items"]]
    assert (item["mismatch"], item["kind"]) == ("unknown_to_us", "payment")
    assert item["purchaseId"] == kept["_id"]
    assert item["paymentIntent"] == kept["paid"]["payment_intent"]
    assert "100.00 USD" in told.out
    assert kept["_id"] in told.out
