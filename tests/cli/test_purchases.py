"""`spothold purchase`, beside a service that runs: one purchase, and no other."""

import json
from pathlib import Path
from typing import Any

from tests.cli.command import Result, spothold
from tests.cli.test_reconcile import Desk, desk, let_things_go_wrong


async def run(here: Desk, *arguments: str) -> Result:
    return await spothold("purchase", *arguments, folder=here.folder, **here.where)


def plain(result: Result) -> dict[str, Any]:
    assert result.out, result.err
    return dict(json.loads(result.out))


async def test_one_purchase_is_shown_by_any_of_its_names(
    mongo_uri: str, database_name: str, tmp_path: Path
) -> None:
    async with desk(mongo_uri, database_name, tmp_path) as here:
        await let_things_go_wrong(here)
        grace = await here.row_of("grace")

        shown = await run(here, "show", grace["order_number"], "--patience", "0")
        by_payment = await run(
            here, "show", grace["paid"]["payment_intent"], "--json", "--patience", "0"
        )

        assert shown.code == by_payment.code == 1
        for fact in (grace["_id"], grace["paid"]["payment_intent"], "completed"):
            assert fact in shown.out
        assert "refunded but active" in shown.out
        answer = plain(by_payment)
        assert answer["purchase"]["id"] == grace["_id"]
        assert answer["buyer"]["id"] == "grace"
        assert {"completed"} <= {each["what"] for each in answer["timeline"]}
        assert [each["kind"] for each in answer["findings"]] == ["refunded_but_active"]
        unknown = await run(here, "show", "nobody")
        assert (unknown.code, unknown.err.strip()) == (1, "Purchase not found.")


async def test_a_plan_of_one_mends_that_one_and_no_other(
    mongo_uri: str, database_name: str, tmp_path: Path
) -> None:
    async with desk(mongo_uri, database_name, tmp_path) as here:
        await let_things_go_wrong(here)
        session = (await here.row_of("ada"))["session"]["id"]
        before = [await here.row_of("grace"), await here.row_of("alan")]

        planned = await run(here, "repair", session, "--json", "--patience", "0")
        plan = plain(planned)
        assert planned.code == 1
        assert [each["kind"] for each in plan["findings"]] == ["paid_unknown"]
        assert (await here.row_of("ada"))["status"] == "pending"
        wrong = await run(
            here, "repair", session, "--patience", "0", "--apply", "0" * 64
        )
        assert wrong.code == 2
        done = await run(
            here, "repair", session, "--patience", "0", "--apply", plan["plan"]
        )

        assert done.code == 0, done.err
        ada = await here.row_of("ada")
        assert ada["status"] == "completed"
        assert [act["what"] for act in ada["acts"]] == ["repair", "repair"]
        assert plan["plan"] in ada["acts"][-1]["why"]
        assert [await here.row_of("grace"), await here.row_of("alan")] == before
