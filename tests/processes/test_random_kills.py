"""Services die at random moments, sixteen times; on demand a thousand (README.md)."""

from pathlib import Path
from random import SystemRandom
from typing import Final

import pytest

from tests.processes.kills import kill_at_random
from tests.processes.shapes import Lock, Shape

KILLS: Final = 8  # for each lock


@pytest.mark.timeout(400)  # sixteen processes start, two at a time
@pytest.mark.parametrize("lock", ["memory", "redis"])
async def test_services_killed_at_random_lose_and_double_nothing(
    lock: Lock, mongo_uri: str, database_name: str, tmp_path: Path
) -> None:
    seed = SystemRandom().randrange(1_000_000)
    report = await kill_at_random(
        Shape(lock=lock),
        tmp_path,
        mongodb_uri=mongo_uri,
        database=database_name,
        kills=KILLS,
        seed=seed,
    )
    print(report)  # noqa: T201 -- shown when it fails, with the line to run it again
    assert report.violations == []
    assert report.ledger.broken > 0  # the buyers did notice
