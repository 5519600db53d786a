"""Instances behind Debian's nginx, with the configuration that `deploy/` ships."""

import asyncio
from pathlib import Path
from random import SystemRandom
from typing import Final

import pytest

from tests.examples import a_program
from tests.processes.fleet import balanced_fleet
from tests.processes.load import LOST
from tests.processes.restarts import restart_in_turn
from tests.processes.shapes import Shape
from tests.processes.test_drain import check_out, slow_down
from tests.waiting import eventually

BUYERS: Final = 3  # at once: what matters is when a request comes, not how many
VISITS: Final = 5

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
