"""A host asks the service to end; what it has begun it finishes."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random, SystemRandom
from typing import Final, Protocol

import httpx
import pytest

from tests.examples import CHOIR, a_program
from tests.processes.examining import complaints_of, examine
from tests.processes.fleet import Fleet, fleet_of
from tests.processes.load import CHECKOUT, Crowd, crowd_at, programs_for
from tests.processes.previous import previous_version
from tests.servers.service import ServiceProcess, bearer
from tests.servers.stripe_simulator import RunningSimulator
from tests.waiting import eventually

SESSIONS: Final = "/v1/checkout/sessions"
ENDS_WITHIN: Final = 30.0  # seconds, which is what a host gives before it kills
IN_FLIGHT: Final = 10
VISITS: Final = 60  # about, for the size of the offer

pytestmark = pytest.mark.timeout(300)  # many processes start, maybe beside others


class Answers(Protocol):
    """What listens somewhere: a service, or a balancer."""

    @property
    def url(self) -> str: ...


async def check_out(service: Answers, buyer: str) -> httpx.Response:
    """Check out on a connection of its own."""
    async with httpx.AsyncClient(
        base_url=service.url, timeout=30, trust_env=False
    ) as http:
        return await http.post(
            CHECKOUT,
            json={"programId": CHOIR, "isClassRep": True},
            headers=bearer(buyer),
        )


async def end(service: ServiceProcess) -> None:
    begun = time.monotonic()
    assert await service.stop() == 0
    assert time.monotonic() - begun < ENDS_WITHIN


async def slow_down(stripe: RunningSimulator) -> None:
    await stripe.fault("delay", method="POST", path=SESSIONS, seconds=1.5, count=None)


async def is_refusing(service: ServiceProcess) -> bool:
    try:
        await check_out(service, "late")
    except httpx.ConnectError:
        return True
    return False


async def test_requests_in_flight_are_answered(
    mongo_uri: str, database_name: str, tmp_path: Path
) -> None:
    async with fleet_of(
        1, tmp_path, mongodb_uri=mongo_uri, database=database_name
    ) as fleet:
        [service] = fleet.services
        await fleet.offer([a_program(class_rep_limit=IN_FLIGHT)])
        await slow_down(fleet.stripe)
        purchases = fleet.database["purchases"]

        async def have_all_come() -> bool:
            return await purchases.count_documents({"status": "reserved"}) == IN_FLIGHT

        async with asyncio.TaskGroup() as group:
            asked = [
                group.create_task(check_out(service, f"buyer{n}"))
                for n in range(IN_FLIGHT)
            ]
            await eventually(have_all_come)
            ending = group.create_task(end(service))
            await eventually(lambda: is_refusing(service))
            assert not ending.done()
        assert [each.result().status_code for each in asked] == [200] * IN_FLIGHT
        assert await purchases.count_documents({"status": "pending"}) == IN_FLIGHT
        assert complaints_of(fleet) == []


async def test_a_mail_on_its_way_is_sent_and_marked(
    mongo_uri: str, database_name: str, tmp_path: Path
) -> None:
    async with fleet_of(
        1, tmp_path, mongodb_uri=mongo_uri, database=database_name
    ) as fleet:
        [service] = fleet.services
        await fleet.offer([a_program()])
        fleet.mail.slowness = 0.7
        answer = await check_out(service, "ada")
        await fleet.stripe.press(answer.json()["data"]["sessionId"], "pay")
        purchases = fleet.database["purchases"]
        state = "effects.confirm.state"
        await eventually(lambda: purchases.find_one({state: "leased"}))
        await end(service)
        assert await purchases.find_one({state: "sent"})
        assert len(fleet.mail.messages()) == 1


async def test_sigterm_under_load_breaks_nothing_that_was_begun(
    mongo_uri: str, database_name: str, tmp_path: Path
) -> None:
    """The service is still sent requests: it refuses, and they go to the other one."""
    async with _busy_fleet(mongo_uri, database_name, tmp_path) as (fleet, crowd):
        async with crowd.shopping():
            await crowd.some_visits()
            await end(fleet.services[0])
            await crowd.some_visits()
            fleet.take_out(fleet.services[0])
        _, _, wrong = await examine(fleet, crowd, kills=0)
        assert wrong == []


async def test_an_upgrade_and_its_undoing_cost_no_client_anything(
    mongo_uri: str, database_name: str, tmp_path: Path
) -> None:
    """Both versions sell at once, and the old one goes on with what the new wrote."""
    (tmp_path / "previous").mkdir()
    previous = previous_version(tmp_path / "previous")
    async with fleet_of(
        0, tmp_path, mongodb_uri=mongo_uri, database=database_name
    ) as fleet:
        old = await fleet.add(version=previous)
        async with a_crowd(fleet) as crowd:
            async with crowd.shopping():
                await crowd.some_visits()
                new = await fleet.add()
                await crowd.some_visits(20)
                await leave(fleet, old)
                await crowd.some_visits()
                again = await fleet.add(version=previous)
                await leave(fleet, new)
                await crowd.some_visits(20)
                await fleet.add()
                await leave(fleet, again)
                await crowd.some_visits()
            assert crowd.ledger.broken == 0, crowd.ledger.answers
            _, _, wrong = await examine(fleet, crowd, kills=0)
            assert wrong == []


async def leave(fleet: Fleet, service: ServiceProcess) -> None:
    """Send it nothing new, let it read what was sent, and end it."""
    fleet.take_out(service)
    await has_read_what_was_sent(service)
    await end(service)


async def has_read_what_was_sent(service: ServiceProcess) -> None:
    """Return when what was sent before was read: it takes connections in turn."""
    async with httpx.AsyncClient(base_url=service.url, trust_env=False) as http:
        for _ in range(2):
            await http.get("/api/system/health", headers={"Connection": "close"})


@asynccontextmanager
async def _busy_fleet(
    mongo_uri: str, database: str, folder: Path
) -> AsyncIterator[tuple[Fleet, Crowd]]:
    async with (
        fleet_of(2, folder, mongodb_uri=mongo_uri, database=database) as fleet,
        a_crowd(fleet) as crowd,
    ):
        yield fleet, crowd


@asynccontextmanager
async def a_crowd(fleet: Fleet) -> AsyncIterator[Crowd]:
    seed = SystemRandom().randrange(1_000_000)
    print(f"seed {seed}")  # noqa: T201 -- shown when it fails
    async with crowd_at(fleet, Random(seed), programs_for(VISITS)) as crowd:
        yield crowd
