"""`spothold reconcile`, beside a service that runs: its database, its Stripe."""

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

STORED: Final = ("purchases", "programs", "orphans", "events", "findings")
AT_ONCE: Final = ("--patience", "0")  # nobody waits ten minutes in a test


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Where somebody sits who looks after the service."""

    service: LiveService
    where: dict[str, str]
    folder: Path

    async def run(self, *arguments: str) -> Result:
        return await spothold(
            "reconcile", *arguments, *AT_ONCE, folder=self.folder, **self.where
        )

    async def plan(self) -> tuple[int, dict[str, Any]]:
        result = await self.run("--json")
        assert result.out, result.err
        return result.code, json.loads(result.out)

    async def rows(self) -> dict[str, list[dict[str, Any]]]:
        return {name: await self.service.rows(name) for name in STORED}

    async def writes_at_stripe(self) -> list[str]:
        asked = await self.service.stripe.requests()
        return [each["path"] for each in asked if each["method"] == "POST"]

    async def check_out(self, buyer: str, *, as_class_rep: bool = False) -> Any:
        answer = await self.service.check_out(buyer, CHOIR, as_class_rep=as_class_rep)
        return answer.json()["data"]

    async def pay(self, session_id: str) -> None:
        await self.service.stripe.press(session_id, "pay")

    async def row_of(self, buyer: str) -> dict[str, Any]:
        rows = await self.service.rows("purchases")
        return next(row for row in rows if row["user_id"] == buyer)

    async def hold_behind_the_back(self, purchase_id: str, *, counts: int = 1) -> None:
        """Let a purchase hold a spot although no rule gives it one."""
        name = self.service.container.settings().mongodb_database
        await self.service.container.mongo()[name]["programs"].update_one(
            {"_id": CHOIR},
            {"$push": {"spots": purchase_id}, "$inc": {"class_rep_count": counts}},
        )


@asynccontextmanager
async def desk(mongo_uri: str, database: str, folder: Path) -> AsyncIterator[Desk]:
    async with live_service(mongo_uri, database, reconciles=False) as service:
        await service.offer(a_program())
        where = {
            "MONGODB_URI": mongo_uri,
            "MONGODB_DATABASE": database,
            "STRIPE_API_BASE": service.stripe.url,
        }
        yield Desk(service=service, where=where, folder=folder)


async def let_things_go_wrong(here: Desk) -> None:
    """Refund Grace in the dashboard, lose word of Ada's payment, leak Alan's spot."""
    grace = await here.check_out("grace")
    await here.pay(grace["sessionId"])

    async def completed() -> bool:
        return bool((await here.row_of("grace"))["status"] == "completed")

    await eventually(completed)
    await here.service.stripe.flush()
    await here.service.stripe.webhooks(paused=True)
    intent = (await here.row_of("grace"))["paid"]["payment_intent"]
    await here.service.stripe.call("POST", "/v1/refunds", f"payment_intent={intent}")
    await here.pay((await here.check_out("ada", as_class_rep=True))["sessionId"])
    alan = await here.check_out("alan", as_class_rep=True)
    assert (await here.service.cancel("alan", alan["purchaseId"])).status_code == 200
    await here.hold_behind_the_back(alan["purchaseId"])


async def test_a_plan_shows_what_is_wrong_and_apply_does_exactly_that(
    mongo_uri: str, database_name: str, tmp_path: Path
) -> None:
    async with desk(mongo_uri, database_name, tmp_path) as here:
        await let_things_go_wrong(here)
        before, asked = await here.rows(), await here.writes_at_stripe()

        code, plan = await here.plan()
        assert code == 1
        assert {finding["kind"]: finding["repair"] for finding in plan["findings"]} == {
            "leaked_spot": "release_spot",
            "paid_unknown": "settle",
            "refunded_but_active": "learn_refund",
        }
        assert plan["unseen"] == {}
        table = await here.run()
        assert table.code == 1
        assert "refunded but active" in table.out
        assert f"--patience 0 --apply {plan['plan']}" in table.out
        assert await here.rows() == before

        (tmp_path / "plan.json").write_text(json.dumps(plan))
        applied = await here.run("--apply", "plan.json", "--json")

        assert applied.code == 0, applied.err
        outcomes = {each["outcome"] for each in json.loads(applied.out)["results"]}
        assert outcomes == {"repaired"}
        assert (await here.row_of("ada"))["status"] == "completed"
        assert (await here.row_of("grace"))["status"] == "refunded"
        [program] = await here.service.rows("programs")
        assert program["spots"] == [(await here.row_of("ada"))["_id"]]
        assert program["class_rep_count"] == 1
        assert await here.writes_at_stripe() == asked
        empty = await here.run()
        assert (empty.code, empty.out) == (0, "All is as it should be.\n")


async def test_money_of_a_purchase_that_was_lost_is_written_down(
    mongo_uri: str, database_name: str, tmp_path: Path
) -> None:
    async with desk(mongo_uri, database_name, tmp_path) as here:
        await here.service.stripe.webhooks(paused=True)
        ada = await here.check_out("ada")
        await here.pay(ada["sessionId"])
        purchases = here.service.container.mongo()[database_name]["purchases"]
        await purchases.delete_one({"_id": ada["purchaseId"]})
        code, plan = await here.plan()
        assert code == 1
        assert [finding["kind"] for finding in plan["findings"]] == ["orphan_payment"]

        applied = await here.run("--apply", plan["plan"])

        assert applied.code == 0, applied.err
        [orphan] = await here.service.rows("orphans")
        assert orphan["session_id"] == ada["sessionId"]
        assert (await here.plan())[0] == 0


async def test_an_old_plan_is_refused_and_changes_nothing(
    mongo_uri: str, database_name: str, tmp_path: Path
) -> None:
    async with desk(mongo_uri, database_name, tmp_path) as here:
        await here.hold_behind_the_back("nobody's")
        _, old = await here.plan()
        await here.hold_behind_the_back("nobody else's")
        before = await here.rows()

        refused = await here.run("--apply", old["plan"])

        assert (refused.code, refused.out) == (2, "")
        assert "The plan no longer fits" in refused.err
        assert await here.rows() == before


async def test_what_only_a_human_can_mend_is_left_and_said(
    mongo_uri: str, database_name: str, tmp_path: Path
) -> None:
    """Hazard 80: the counter is not recounted, whatever else is repaired."""
    async with desk(mongo_uri, database_name, tmp_path) as here:
        await here.hold_behind_the_back("nobody's", counts=3)
        _, plan = await here.plan()

        applied = await here.run("--apply", plan["plan"])

        assert applied.code == 1
        assert "for a human" in applied.out
        [program] = await here.service.rows("programs")
        assert (program["spots"], program["class_rep_count"]) == ([], 2)


async def test_what_could_not_be_seen_is_said_and_is_not_all_well(
    mongo_uri: str, database_name: str, tmp_path: Path
) -> None:
    async with desk(mongo_uri, database_name, tmp_path) as here:
        await here.service.stripe.fault(
            "drop_before", method="GET", path="/v1/refunds", count=9
        )

        result = await here.run()

        assert (result.code, result.out) == (1, "")
        assert "Not all seen of the refunds: payment_gateway_unavailable" in result.err


async def test_a_file_that_holds_no_plan_is_refused(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text("[]")

    result = await spothold("reconcile", "--apply", "plan.json", folder=tmp_path)

    assert result.code == 2
    assert "holds no plan" in result.err
