"""Two processes behind nginx on one database, with a shared lock and without one."""

from pathlib import Path
from typing import Final

import pytest

from tests.processes.racing import racers
from tests.processes.shapes import Lock, Shape, fleet_like

RACERS: Final = 24

pytestmark = pytest.mark.timeout(300)  # two processes start, maybe beside others


@pytest.mark.parametrize("lock", ["memory", "redis"])
async def test_two_processes_sell_as_one(
    lock: Lock, mongo_uri: str, database_name: str, tmp_path: Path
) -> None:
    shape = Shape(lock=lock)
    async with (
        fleet_like(
            shape, tmp_path, mongodb_uri=mongo_uri, database=database_name
        ) as fleet,
        racers(fleet, number=RACERS) as races,
    ):
        assert await races.run() == []
        assert fleet.balancer is not None
        assert fleet.balancer.lost() == 0
        assert await races.clicks_without_the_index() != []
