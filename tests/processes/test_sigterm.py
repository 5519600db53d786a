"""A host ends the process, as it does on each deploy, while a buyer waits."""

import asyncio
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from entrypoints.container import program_use_cases
from entrypoints.settings import StorageSettings
from tests.examples import CHOIR, a_program
from tests.servers.proxy import Moment, http_chunk, watched
from tests.servers.service import (
    ServiceProcess,
    bearer,
    service_environment,
    service_process,
)
from tests.servers.smtp import mail_sink
from tests.servers.stripe_simulator import stripe_simulator
from tests.waiting import eventually

CREATE = "POST /v1/checkout/sessions"


@dataclass
class Doorkeeper:
    """Never answers the first call to Stripe; the service's second try passes.

    Between the two lie the seconds for which the service waits for Stripe.
    """

    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def watch(self, name: str, moment: Moment) -> None:
        is_call = (name, moment) == (CREATE, Moment.BEFORE)
        if is_call and not self.arrived.is_set():
            self.arrived.set()
            await asyncio.Event().wait()


async def test_a_request_in_flight_is_answered_before_the_process_ends(
    mongo_uri: str, database_name: str, tmp_path: Path
) -> None:
    door = Doorkeeper()
    async with (
        stripe_simulator() as stripe,
        mail_sink() as mail,
        watched(stripe.url, http_chunk, door.watch) as stripe_url,
        service_process(
            tmp_path,
            service_environment(
                mongodb_uri=mongo_uri,
                database=database_name,
                stripe_url=stripe_url,
                smtp_url=mail.url,
            ),
        ) as service,
    ):
        settings = StorageSettings(
            mongodb_uri=mongo_uri, mongodb_database=database_name
        )
        async with program_use_cases(settings) as (create_program, _):
            await create_program(a_program())
        async with httpx.AsyncClient(base_url=service.url, timeout=30) as http:
            waiting = asyncio.create_task(
                http.post(
                    "/api/purchases/create-checkout-session",
                    json={"programId": CHOIR, "isClassRep": True},
                    headers=bearer("ada"),
                )
            )
            await door.arrived.wait()

            service.process.send_signal(signal.SIGTERM)
            await eventually(lambda: takes_nobody_in(service))
            answer = await waiting
        assert answer.status_code == 200
        assert answer.json()["data"]["sessionUrl"]
        assert await service.stop() == 0


async def test_it_says_that_it_leaves_before_it_does(
    mongo_uri: str, database_name: str, tmp_path: Path
) -> None:
    """A balancer that asks for readiness sends others on, and nobody is refused."""
    async with (
        stripe_simulator() as stripe,
        mail_sink() as mail,
        service_process(
            tmp_path,
            service_environment(
                mongodb_uri=mongo_uri,
                database=database_name,
                stripe_url=stripe.url,
                smtp_url=mail.url,
                STOP_ANNOUNCE_SECONDS="2",
            ),
        ) as service,
        httpx.AsyncClient(base_url=service.url) as http,
    ):
        begun = time.monotonic()
        service.process.send_signal(signal.SIGTERM)

        async def is_leaving() -> bool:
            ready = await http.get("/api/system/ready")
            return ready.status_code == 503 and ready.json()["leaving"]

        await eventually(is_leaving)
        answer = await http.get("/api/programs")
        assert answer.status_code == 200
        assert answer.headers["connection"] == "close"
        assert await asyncio.to_thread(service.process.wait, 30) == 0
        assert time.monotonic() - begun >= 2
        assert "Traceback" not in service.log.read_text()


async def takes_nobody_in(service: ServiceProcess) -> bool:
    async with httpx.AsyncClient(base_url=service.url) as newcomer:
        try:
            await newcomer.get("/api/system/health")
        except httpx.TransportError:
            return True
    return False
