"""Instances behind Debian's nginx, with the configuration that `deploy/` ships."""

import asyncio
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from random import SystemRandom
from typing import Final

import psutil
import pytest

from tests.examples import a_program
from tests.processes.fleet import LETS_GO, balanced_fleet
from tests.processes.load import CHECKOUT, LOST
from tests.processes.restarts import restart_in_turn
from tests.processes.shapes import Shape
from tests.processes.test_drain import check_out, slow_down
from tests.servers.nginx import Nginx
from tests.servers.service import ServiceProcess
from tests.waiting import eventually

BUYERS: Final = 3  # at once: what matters is when a request comes, not how many
VISITS: Final = 5
# As nginx itself has it: without an announcement any time is longer than that.
KEEPS: Final = {"keepalive_timeout 4s;": "keepalive_timeout 60s;"}
PATIENCE: Final = 30.0  # seconds, of a caller

pytestmark = pytest.mark.timeout(300)  # processes start, maybe beside others


async def test_a_rolling_restart_loses_no_request(
    mongo_uri: str, database_name: str, tmp_path: Path
) -> None:
    """One after the other ends and comes back in its place, while buyers buy."""
    report = await restart_in_turn(
        Shape(),
        folder=tmp_path,
        mongodb_uri=mongo_uri,
        database=database_name,
        restarts=2,
        seed=SystemRandom().randrange(1_000_000),
        buyers=BUYERS,
        visits=VISITS,
    )
    print(report)  # noqa: T201 -- shown when it fails, with the line to run it again
    assert report.lost == 0
    assert report.went_on > 0  # it was felt
    assert report.violations == []


async def test_what_an_instance_takes_to_its_grave_is_counted_and_told(
    mongo_uri: str, database_name: str, tmp_path: Path
) -> None:
    """The negative control: without a good end requests are lost, and we see it."""
    async with balanced_fleet(
        1, tmp_path, mongodb_uri=mongo_uri, database=database_name
    ) as fleet:
        assert fleet.balancer is not None
        [service] = fleet.services
        await fleet.offer([a_program()])
        await slow_down(fleet.stripe)
        purchases = fleet.database["purchases"]
        asked = asyncio.create_task(check_out(fleet.balancer, "ada"))
        await eventually(lambda: purchases.find_one({"status": "reserved"}))
        service.kill()
        for answer in (await asked, await check_out(fleet.balancer, "grace")):
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
            assert answer.json()["code"] == LOST
        # The one had begun, and was sent to nobody else; the other went to all.
        assert fleet.balancer.asked() == {"502": 1, "502, 502": 1}
        assert fleet.balancer.lost() == 2
        await fleet.stripe.clear_faults()
        await service.start()
        assert (await check_out(fleet.balancer, "ada")).is_success
        assert await purchases.count_documents({}) == 1


@pytest.mark.parametrize("is_announced", [True, False])
async def test_unannounced_an_end_loses_what_comes_on_a_connection_that_was_kept(
    *, is_announced: bool, mongo_uri: str, database_name: str, tmp_path: Path
) -> None:
    """The negative control of the rolling restart: what its announcement is for.

    nginx is busy when the instance hangs up, so it does not see that in time.  If it
    had let go of the connection before, it finds a shut door at each address it knows,
    and nothing is sent; if not, a POST is sent to nobody, and not a second time.
    """
    async with balanced_fleet(
        1,
        tmp_path,
        mongodb_uri=mongo_uri,
        database=database_name,
        changes=LETS_GO if is_announced else KEEPS,
        STOP_ANNOUNCE_SECONDS="1" if is_announced else "0",
    ) as fleet:
        balancer = fleet.balancer
        assert balancer is not None
        [service] = fleet.services
        address = ("127.0.0.1", balancer.port)
        with closing(HTTPConnection(*address, timeout=PATIENCE)) as caller:
            caller.request("POST", CHECKOUT)
            assert await answer_to(caller) == 401
            if is_announced:
                service.process.terminate()
                await eventually(lambda: is_left_alone(service))
            await eventually(lambda: has_noted(balancer))
            async with balancer.busy():
                caller.request("POST", CHECKOUT)
                assert await service.stop() == 0
            assert await answer_to(caller) == 503
        asked = "502, 502" if is_announced else "502"
        assert balancer.asked() == {"401": 1, asked: 1}


async def has_noted(balancer: Nginx) -> bool:
    """Say whether it is done with the request, too."""
    return balancer.asked().total() > 0


async def answer_to(caller: HTTPConnection) -> int:
    with await asyncio.to_thread(caller.getresponse) as answer:
        answer.read()
        return answer.status


async def is_left_alone(service: ServiceProcess) -> bool:
    """Say whether nobody keeps a connection to it."""
    connections = psutil.Process(service.process.pid).net_connections()
    return not any(
        each.laddr.port == service.port and each.status == psutil.CONN_ESTABLISHED
        for each in connections
    )
