"""Each thing that the doctor looks at, broken on purpose."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from adapters.mongo.instances import MongoInstances
from adapters.mongo.probe import MongoProbe
from adapters.mongo.programs import MongoProgramRepository
from application.check_storage import CheckWrites
from application.ports.instances import Instance
from domain.checkups import Verdict
from tests.cli.command import spothold
from tests.cli.surgery import SECRET, Patient, patient
from tests.contracts.examples import program, purchase
from tests.servers.redis import RedisServer

ALL = {
    "database",
    "indexes",
    "writes",
    "records",
    "instances",
    "lock",
    "stripe",
    "stripe rights",
    "clock",
    "webhook endpoint",
    "webhook secrets",
    "mail",
}
PRODUCTION = {"app_env": "production", "allowed_hosts": "shop.example"}
ELSEWHERE = "https://shop.example"
KIND = "checkout.session.completed"


@pytest.fixture
async def sick(mongo_uri: str, database_name: str) -> AsyncIterator[Patient]:
    async with patient(mongo_uri, database_name) as someone:
        yield someone


async def test_in_good_health_all_is_fine_and_the_code_is_0(
    sick: Patient, tmp_path: Path
) -> None:
    await MongoProgramRepository().add(program())
    await sick.something_happens_at_stripe()

    told = await spothold("doctor", "--json", folder=tmp_path, **sick.environment)

    answer = json.loads(told.out)
    assert {
        each["name"]: each["verdict"] for each in answer["checks"]
    } == dict.fromkeys(ALL, "fine"), told.out
    assert (answer["verdict"], told.code) == ("fine", 0)
    assert sick.mail.envelopes == []
    asked = await sick.stripe.requests()
    assert {each["method"] for each in asked[2:]} == {"GET"}


async def test_what_is_broken_is_told_with_its_next_step_and_code_1(
    sick: Patient, tmp_path: Path
) -> None:
    broken = {**sick.environment, "SMTP_URL": "smtp://127.0.0.1:1"}

    told = await spothold("doctor", folder=tmp_path, **broken)

    assert told.code == 1
    assert "Check SMTP_URL" in told.out
    assert SECRET not in told.out + told.err


async def test_wrong_settings_are_named_and_the_code_is_2(tmp_path: Path) -> None:
    told = await spothold("doctor", folder=tmp_path, STRIPE_SECRET_KEY="pk_test_x")

    assert told.code == 2
    assert "STRIPE_SECRET_KEY" in told.err


# --- The database ---------------------------------------------------------------------


async def test_a_database_that_is_away_hides_nothing_else(sick: Patient) -> None:
    found = await sick.looked_at(mongodb_uri="mongodb://127.0.0.1:1/")

    verdicts = {name: each.verdict for name, each in found.items()}
    of_storage = ("indexes", "writes", "records", "instances")
    assert verdicts["database"] is Verdict.BROKEN
    assert [verdicts[name] for name in of_storage] == [Verdict.UNSEEN] * 4
    assert (verdicts["stripe"], verdicts["mail"]) == (Verdict.FINE, Verdict.FINE)


async def test_the_embedded_database_is_for_demos(sick: Patient) -> None:
    build = await sick.client.admin.command("buildInfo")
    if "secantusVersion" not in build:
        pytest.skip("a real MongoDB is not the embedded one")

    assert "for demos" in (await sick.broken(**PRODUCTION))["database"]


async def test_an_index_that_was_dropped_is_missed(sick: Patient) -> None:
    await sick.database["purchases"].drop_index("one_live_purchase")

    broken = await sick.broken()

    assert broken.keys() == {"indexes"}
    assert "one_live_purchase of purchases" in broken["indexes"]
    names = await sick.database["purchases"].index_information()
    assert "one_live_purchase" not in names  # a look mends nothing


async def test_a_write_that_is_not_on_enough_disks_is_no_write(
    sick: Patient, mongo_uri: str
) -> None:
    async with AsyncMongoClient[dict[str, Any]](mongo_uri) as admin:
        mode = {"times": 1}
        told = {"code": 64, "errmsg": "waiting for replication timed out"}
        await admin.admin.command(
            "configureFailPoint",
            "failCommand",
            mode=mode,
            data={
                "appName": "spothold",
                "failCommands": ["update"],
                "writeConcernError": told,
            },
        )
        broken = await sick.broken()
        await admin.admin.command("configureFailPoint", "failCommand", mode="off")

    assert broken.keys() == {"writes"}


async def test_a_client_that_does_not_wait_is_found_out(
    sick: Patient, mongo_uri: str
) -> None:
    hasty = mongo_uri.partition("?")[0]
    async with AsyncMongoClient[dict[str, Any]](hasty, w=0) as client:
        probe = MongoProbe(client=client, database=sick.database.name)
        checkup = await CheckWrites(probe=probe)()

    assert checkup.verdict is Verdict.BROKEN
    assert "does not wait" in checkup.said


async def test_rows_of_another_make_are_named(sick: Patient) -> None:
    await sick.database["purchases"].insert_one({"_id": "odd", "schema_number": 1})

    broken = await sick.broken()

    assert broken.keys() == {"records"}
    assert "1 (odd)" in broken["records"]


async def test_rows_of_an_older_shape_are_a_warning(sick: Patient) -> None:
    await MongoProgramRepository().add(program())
    await sick.database["programs"].update_many({}, {"$unset": {"schema_number": ""}})

    checkup = (await sick.looked_at())["records"]

    assert checkup.verdict is Verdict.WARNING
    assert f"1 ({program().id}) of an older version" in checkup.said


async def test_two_that_share_no_lock_are_a_warning(sick: Patient) -> None:
    instances = MongoInstances(client=sick.client, database=sick.database.name)
    now = datetime.now(UTC)
    old = now - timedelta(minutes=4)
    for name, lock, at in (("a", "redis", old), ("b", "memory", now)):
        await instances.beat(Instance(name=name, lock=lock, seen_at=at))
    assert (await sick.looked_at())["instances"].verdict is Verdict.FINE

    await instances.beat(Instance(name="c", lock="redis", seen_at=now))
    checkup = (await sick.looked_at())["instances"]

    assert checkup.verdict is Verdict.WARNING
    assert "b (memory), c (redis)" in checkup.said
    redis = {"lock_backend": "redis", "redis_url": "redis://127.0.0.1:1"}
    assert (await sick.looked_at(**redis))["instances"].verdict is Verdict.WARNING
    await instances.beat(Instance(name="b", lock="redis", seen_at=now))
    assert (await sick.looked_at(**redis))["instances"].verdict is Verdict.FINE


async def test_a_shared_lock_that_is_away_is_told(
    sick: Patient, shared_redis: RedisServer
) -> None:
    await shared_redis.ready()
    redis = {"lock_backend": "redis", "redis_url": shared_redis.url}
    assert (await sick.looked_at(**redis))["lock"].verdict is Verdict.FINE

    broken = await sick.broken(**{**redis, "redis_url": "redis://:secret@127.0.0.1:1"})

    assert broken.keys() == {"lock"}
    assert "secret" not in broken["lock"]


# --- Stripe ---------------------------------------------------------------------------


async def test_without_stripe_nothing_is_known_of_it(sick: Patient) -> None:
    found = await sick.looked_at(stripe_api_base="http://127.0.0.1:1")

    verdicts = {name: each.verdict for name, each in found.items()}
    others = ("stripe rights", "clock", "webhook endpoint", "webhook secrets")
    assert verdicts["stripe"] is Verdict.BROKEN
    assert [verdicts[name] for name in others] == [Verdict.UNSEEN] * 4


async def test_a_key_that_stripe_does_not_know_is_refused(sick: Patient) -> None:
    await sick.stripe.fault("status", status=401, count=None)

    assert (await sick.broken())["stripe"] == "Stripe refuses our key."


async def test_a_test_key_in_production_sells_nothing(sick: Patient) -> None:
    assert "of test mode" in (await sick.broken(**PRODUCTION))["stripe"]


async def test_a_right_that_a_restricted_key_lacks_is_named(sick: Patient) -> None:
    await sick.stripe.fault("status", status=403, count=None, path="/v1/disputes")
    key = {"stripe_secret_key": "rk_test_spothold"}

    assert await sick.broken(**key) == {
        "stripe rights": "The key may not read: Disputes."
    }


async def test_a_right_that_nobody_needs_is_not_asked_for(sick: Patient) -> None:
    await sick.stripe.fault("status", status=403, count=None, path="/v1/balance")

    found = await sick.looked_at(stripe_secret_key="rk_test_spothold")

    for name in ("stripe", "stripe rights", "clock"):
        assert found[name].verdict is Verdict.FINE


async def test_a_key_that_may_not_see_the_endpoints_leaves_them_unseen(
    sick: Patient,
) -> None:
    hidden = "/v1/webhook_endpoints"
    await sick.stripe.fault("status", status=403, count=None, path=hidden)

    found = await sick.looked_at(stripe_secret_key="rk_test_spothold")

    assert found["stripe rights"].verdict is Verdict.BROKEN
    assert found["webhook endpoint"].verdict is Verdict.UNSEEN
    assert "Webhook Endpoints" in found["webhook endpoint"].said


@pytest.mark.parametrize(
    ("seconds", "verdict"),
    [
        (-200, Verdict.BROKEN),
        (-30, Verdict.WARNING),
        (30, Verdict.WARNING),
        (200, Verdict.BROKEN),
    ],
)
async def test_a_clock_that_is_wrong_is_told(
    sick: Patient, seconds: int, verdict: Verdict
) -> None:
    await sick.stripe.control("POST", "/clock", offset=seconds)

    checkup = (await sick.looked_at())["clock"]

    assert checkup.verdict is verdict
    assert ("behind" if seconds > 0 else "ahead of") in checkup.said


# --- Webhooks -------------------------------------------------------------------------


async def test_an_endpoint_that_was_never_made_is_missed(sick: Patient) -> None:
    broken = await sick.broken(public_url=ELSEWHERE)
    assert broken.keys() == {"webhook endpoint"}
    assert f"{ELSEWHERE}/api/webhooks/stripe" in broken["webhook endpoint"]

    nearby = await sick.looked_at(public_url="http://127.0.0.1:8000")
    assert nearby["webhook endpoint"].verdict is Verdict.WARNING


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"status": "disabled"}, "is disabled"),
        ({"enabled_events": [KIND]}, "is not told of charge.dispute.closed"),
        ({"api_version": "2019-12-03"}, "speaks API version 2019-12-03"),
    ],
)
async def test_an_endpoint_that_is_not_as_it_should_be_is_told(
    sick: Patient, change: dict[str, Any], said: str
) -> None:
    await sick.stripe.webhooks(**change)

    broken = await sick.broken()

    assert broken.keys() == {"webhook endpoint"}
    assert said in broken["webhook endpoint"]


@pytest.mark.parametrize(
    "secrets", ["whsec_replace_me", f"{SECRET},{SECRET}", f"{SECRET},whsec_"]
)
async def test_a_secret_that_cannot_be_one_is_told(sick: Patient, secrets: str) -> None:
    broken = await sick.broken(stripe_webhook_secret=secrets)

    assert broken.keys() == {"webhook secrets"}


async def test_two_endpoints_of_one_address_have_two_secrets(sick: Patient) -> None:
    await sick.stripe.webhooks(urls=[sick.receiver.url, f"{sick.receiver.url}/"])

    broken = await sick.broken()

    assert broken == {"webhook secrets": "There are 1 for 2 endpoints of ours."}


async def test_events_that_are_refused_are_what_a_wrong_secret_looks_like(
    sick: Patient,
) -> None:
    sick.receiver.answers = [400]
    await sick.something_happens_at_stripe()

    broken = await sick.broken()

    assert broken.keys() == {"webhook secrets"}
    assert "was not taken by 1" in broken["webhook secrets"]


async def test_without_an_event_nothing_is_claimed_of_the_secrets(
    sick: Patient,
) -> None:
    checkup = (await sick.looked_at())["webhook secrets"]

    assert checkup.verdict is Verdict.WARNING
    assert "no event" in checkup.said


# --- Mail -----------------------------------------------------------------------------


async def test_a_mail_server_that_is_away_is_told(sick: Patient) -> None:
    assert (await sick.broken(smtp_url="smtp://127.0.0.1:1")).keys() == {"mail"}


async def test_a_password_that_nobody_asks_for_is_told(sick: Patient) -> None:
    """The sink knows no login, so a server that was mixed up shows."""
    url = sick.mail.url.replace("//", "//ada:secret@")

    broken = await sick.broken(smtp_url=url)

    assert broken.keys() == {"mail"}
    assert "secret" not in broken["mail"]


async def test_purchases_are_read_as_well(sick: Patient) -> None:
    await sick.database["purchases"].insert_one(
        {"_id": purchase().id, "schema_number": 2}
    )

    found = (await sick.looked_at())["records"]

    assert found.verdict is Verdict.BROKEN
