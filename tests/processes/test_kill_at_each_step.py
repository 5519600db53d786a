"""The service dies at each step of a checkout; the same request carries on.

The steps are what leaves the process: writes to the database and calls to Stripe, each
seen by a proxy on its socket.  At every one the service is killed twice: before the
other side has seen the request, and after it has answered.
"""

import re
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from pymongo import AsyncMongoClient

from entrypoints.container import program_use_cases
from entrypoints.settings import StorageSettings
from tests.examples import CHOIR, a_program
from tests.servers.proxy import CutOff, Moment, http_chunk, mongo_frame, watched
from tests.servers.service import (
    ServiceProcess,
    bearer,
    service_environment,
    service_process,
)
from tests.servers.smtp import mail_sink
from tests.servers.stripe_simulator import RunningSimulator, stripe_simulator

STEPS: Final = re.compile(r"(insert|update) (purchases|programs)|POST /v1/.+")
CHECKOUT: Final = "/api/purchases/create-checkout-session"
# Insert, take the spot, mark it, open the session, save it.
STEPS_OF_A_CHECKOUT: Final = [
    "insert purchases",
    "update programs",
    "update purchases",
    "POST /v1/checkout/sessions",
    "update purchases",
]
POINTS: Final = len(STEPS_OF_A_CHECKOUT) * len(Moment)


@dataclass
class Trigger:
    """Kills the service at one point of its way, counted from when it was armed."""

    service: ServiceProcess | None = None
    countdown: int | None = None
    seen: list[str] = field(default_factory=list)

    def arm(self, countdown: int) -> None:
        self.countdown, self.seen = countdown, []

    @property
    def has_fired(self) -> bool:
        return self.countdown is not None and self.countdown < 0

    async def watch(self, name: str, moment: Moment) -> None:
        if self.countdown is None or not STEPS.fullmatch(name):
            return
        if moment is Moment.BEFORE:
            self.seen.append(name)
        if self.countdown == 0 and self.service is not None:
            self.service.kill()
        self.countdown -= 1
        if self.has_fired:
            raise CutOff


@pytest.mark.timeout(300)  # eleven processes start, one after the other
async def test_a_checkout_carries_on_wherever_the_service_is_killed(
    mongo_uri: str, database_name: str, tmp_path: Path
) -> None:
    trigger = Trigger()
    async with (
        stripe_simulator() as stripe,
        mail_sink() as mail,
        watched(mongo_uri, mongo_frame, trigger.watch) as database_uri,
        watched(stripe.url, http_chunk, trigger.watch) as stripe_url,
        service_process(
            tmp_path,
            service_environment(
                mongodb_uri=database_uri,
                database=database_name,
                stripe_url=stripe_url,
                smtp_url=mail.url,
            ),
        ) as service,
        AsyncMongoClient[dict[str, Any]](mongo_uri) as client,
    ):
        trigger.service = service
        await _offer_choir(mongo_uri, database_name)
        for point in range(POINTS):
            trigger.arm(point)
            with suppress(httpx.TransportError):
                await _check_out(service, buyer=f"buyer{point}")
            assert trigger.has_fired, f"point {point} was never reached"
            trigger.countdown = None
            await service.start()
            again = await _check_out(service, buyer=f"buyer{point}")
            await _assert_one_of_each(
                client[database_name], stripe, f"buyer{point}", again, point + 1
            )
        trigger.arm(POINTS)
        await _check_out(service, buyer="grace")
        assert trigger.seen == STEPS_OF_A_CHECKOUT


async def _offer_choir(mongo_uri: str, database: str) -> None:
    settings = StorageSettings(mongodb_uri=mongo_uri, mongodb_database=database)
    async with program_use_cases(settings) as (create_program, _):
        await create_program(a_program(class_rep_limit=POINTS + 1))


async def _check_out(service: ServiceProcess, *, buyer: str) -> dict[str, Any]:
    async with httpx.AsyncClient(base_url=service.url, timeout=30) as http:
        answer = await http.post(
            CHECKOUT,
            json={"programId": CHOIR, "isClassRep": True},
            headers=bearer(buyer),
        )
    assert answer.status_code == httpx.codes.OK, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


async def _assert_one_of_each(
    database: Any,
    stripe: RunningSimulator,
    buyer: str,
    answer: dict[str, Any],
    spots: int,
) -> None:
    rows = await database["purchases"].find({"user_id": buyer}).to_list()
    assert [row["status"] for row in rows] == ["pending"]
    assert rows[0]["_id"] == answer["purchaseId"]
    _, sessions, _ = await stripe.call("GET", "/v1/checkout/sessions?limit=100")
    named = [session["client_reference_id"] for session in sessions["data"]]
    assert named.count(answer["purchaseId"]) == 1
    program = await database["programs"].find_one({"_id": CHOIR})
    assert program["spots"].count(answer["purchaseId"]) == 1
    assert len(program["spots"]) == program["class_rep_count"] == spots
