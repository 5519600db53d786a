"""`spothold events`, beside a service that runs: its database, its Stripe."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.cli.command import Result, spothold
from tests.examples import CHOIR, a_program
from tests.servers.live_service import LiveService, live_service
from tests.waiting import eventually

STORED: Final = ("purchases", "programs", "orphans", "events", "leases", "findings")


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Where somebody sits who looks after the service."""

    service: LiveService
    where: dict[str, str]
    folder: Path

    async def run(self, *arguments: str) -> Result:
        return await spothold("events", *arguments, folder=self.folder, **self.where)

    async def rows(self) -> dict[str, list[dict[str, Any]]]:
        return {name: await self.service.rows(name) for name in STORED}

    async def writes_at_stripe(self) -> list[str]:
        asked = await self.service.stripe.requests()
        return [each["path"] for each in asked if each["method"] == "POST"]


@asynccontextmanager
async def desk(mongo_uri: str, database: str, folder: Path) -> AsyncIterator[Desk]:
    async with live_service(mongo_uri, database, reconciles=False) as service:
        where = {
            "MONGODB_URI": mongo_uri,
            "MONGODB_DATABASE": database,
            "STRIPE_API_BASE": service.stripe.url,
        }
        yield Desk(service=service, where=where, folder=folder)


async def hold_a_refund(service: LiveService) -> tuple[dict[str, Any], str]:
    """Sell a spot, lose the purchase, refund in the dashboard, find the purchase.

    Returns the purchase and the id of the event of the refund, which is held.
    """
    await service.offer(a_program(class_rep_limit=1))
    answer = await service.check_out("ada", CHOIR, as_class_rep=True)
    await service.stripe.press(answer.json()["data"]["sessionId"], "pay")

    async def completed() -> dict[str, Any] | None:
        [row] = await service.rows("purchases")
        is_told = row["effects"].get("confirm", {}).get("state") == "sent"
        return row if row["status"] == "completed" and is_told else None

    row = await eventually(completed)
    assert row is not None
    name = service.container.settings().mongodb_database
    purchases = service.container.mongo()[name]["purchases"]
    await purchases.delete_one({"_id": row["_id"]})
    intent = row["paid"]["payment_intent"]
    await service.stripe.call("POST", "/v1/refunds", f"payment_intent={intent}")

    async def held() -> str | None:
        rows = await service.rows("events")
        found = [each["_id"] for each in rows if each["kind"] == "refund.created"]
        return str(found[0]) if found else None

    event_id = await eventually(held)
    assert event_id is not None
    await service.stripe.flush()
    await purchases.insert_one(row)
    return row, event_id


async def test_what_is_held_is_listed_rehearsed_and_replayed(
    mongo_uri: str, database_name: str, tmp_path: Path
) -> None:
    async with desk(mongo_uri, database_name, tmp_path) as here:
        row, event_id = await hold_a_refund(here.service)

        listed = await here.run("--json")
        [held] = [e for e in json.loads(listed.out) if e["event"] == event_id]
        assert (held["why"], held["state"]) == ("unknown_payment", "quarantined")
        assert held["paymentIntent"] == row["paid"]["payment_intent"]
        table = await here.run()
        assert event_id in table.out
        assert "unknown_payment" in table.out

        before, asked = await here.rows(), await here.writes_at_stripe()
        rehearsed = await here.run("replay", event_id, "--dry-run")
        assert rehearsed.code == 0, rehearsed.err
        refund = (await here.service.stripe.call("GET", "/v1/refunds"))[1]["data"][0]
        purchase = f"purchase {row['_id']}"
        assert rehearsed.out.splitlines() == [
            f"{purchase}: completed → refunded",
            f"{purchase}: mail due: refund_done",
            f"{purchase}: refund {refund['id']} of 70.00 USD: done",
            f"program choir: spot of {purchase} released",
            f"event {event_id}: no longer held",
            "The outcome would be: applied.  Nothing was changed.",
        ]
        assert (await here.rows(), await here.writes_at_stripe()) == (before, asked)

        replayed = await here.run("replay", event_id)

        assert (replayed.code, replayed.out) == (0, "The outcome: applied.\n")
        [after] = await here.service.rows("purchases")
        assert (after["status"], after["refunds"][0]["state"]) == ("refunded", "done")
        assert (await here.service.rows("programs"))[0]["spots"] == []
        assert await here.writes_at_stripe() == asked
        assert event_id not in (await here.run("--json")).out


async def test_what_cannot_be_applied_yet_stays_held_and_fails(
    mongo_uri: str, database_name: str, tmp_path: Path
) -> None:
    async with desk(mongo_uri, database_name, tmp_path) as here:
        row, event_id = await hold_a_refund(here.service)
        database = here.service.container.mongo()[database_name]
        await database["purchases"].delete_one({"_id": row["_id"]})

        rehearsed = await here.run("replay", event_id, "--dry-run", "--json")
        replayed = await here.run("replay", event_id)

        assert (rehearsed.code, replayed.code) == (1, 1)
        assert json.loads(rehearsed.out) == {
            "event": event_id,
            "dryRun": True,
            "outcome": "quarantined",
            "changes": [],
        }
        assert replayed.out == "The outcome: quarantined.\n"


async def test_nothing_held_is_said_in_a_line(
    mongo_uri: str, database_name: str, tmp_path: Path
) -> None:
    async with desk(mongo_uri, database_name, tmp_path) as here:
        assert (await here.run()).out == "No event is held.\n"
        assert json.loads((await here.run("--json")).out) == []

        unknown = await here.run("replay", "evt_unknown")

        assert unknown.code == 1
        assert unknown.err.startswith("Stripe has no event evt_unknown;")
        assert len(unknown.err.splitlines()) == 1


async def test_without_settings_it_says_what_to_mend(tmp_path: Path) -> None:
    result = await spothold("events", folder=tmp_path, STRIPE_SECRET_KEY="pk_test_x")

    assert result.code == 1
    assert "STRIPE_SECRET_KEY" in result.err
