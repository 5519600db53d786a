import json
from pathlib import Path
from typing import Any

import pytest

from adapters.mongo.connection import connected, mongo_client
from adapters.mongo.purchases import MongoPurchaseRepository
from domain.checkout import Payer
from domain.purchase import Purchase, Status
from tests.cli.command import spothold
from tests.contracts.examples import ADA, GRACE, complete, given_back, mail, purchase

PERSONAL = ("Lovelace", "ada@example.com", "GB")


def bought(id_: str, **changes: Any) -> Purchase:
    facts: dict[str, Any] = {
        "status": Status.COMPLETED,
        "paid": complete().payment,
        "payer": Payer(name="Ada Lovelace", email="ada@example.com", country="GB"),
        "confirmation": mail(of=id_).sent(),
    }
    return purchase(id_, **facts | changes)


@pytest.fixture
async def where(mongo_uri: str, database_name: str) -> dict[str, str]:
    """Ada bought one place, and is yet to hear of another; grace bought one."""
    purchases = MongoPurchaseRepository()
    async with connected(mongo_client(mongo_uri), database=database_name):
        await purchases.add(bought("one"))
        over: dict[str, Any] = {"status": Status.REFUNDED, "refunds": (given_back(),)}
        await purchases.add(bought("two", **over, confirmation=mail()))
        await purchases.add(bought("hers", buyer=GRACE))
    return {"MONGODB_URI": mongo_uri, "MONGODB_DATABASE": database_name}


async def test_a_plan_changes_nothing_and_applied_it_is_done_for_good(
    where: dict[str, str], tmp_path: Path
) -> None:
    anonymise = ("anonymise", "--buyer", ADA, "--json")
    export = ("export", "--buyer", ADA, "--json")

    plan = await spothold(*anonymise, folder=tmp_path, **where)
    before = await spothold(*export, folder=tmp_path, **where)
    applied = await spothold(*anonymise, "--apply", folder=tmp_path, **where)
    after = await spothold(*export, folder=tmp_path, **where)

    assert plan.code == 0, plan.err
    assert _standings(plan.out) == {"one": "ready", "two": "mail_due"}
    told = {row["id"]: row for row in json.loads(before.out)["purchases"]}
    assert told["one"]["payer"]["country"] == "GB"
    assert told.keys() == {"one", "two"}
    assert applied.code == 1  # one still waits
    assert _standings(applied.out) == {"one": "anonymised", "two": "mail_due"}
    kept = {row["id"]: row for row in json.loads(after.out)["purchases"]}
    assert kept["two"] == told["two"]
    assert kept["one"]["paid"] == told["one"]["paid"]
    assert not any(text in json.dumps(kept["one"]) for text in PERSONAL)
    assert not any(text in plan.err + applied.err + applied.out for text in PERSONAL)


async def test_the_table_shows_what_waits(
    where: dict[str, str], tmp_path: Path
) -> None:
    result = await spothold("anonymise", "--buyer", ADA, folder=tmp_path, **where)

    assert result.code == 0, result.err
    assert "waits: a mail is due" in result.out
    assert "hers" not in result.out


def _standings(out: str) -> dict[str, str]:
    rows = json.loads(out)["purchases"]
    return {row["purchase"]: row["standing"] for row in rows}
