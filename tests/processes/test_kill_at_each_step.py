"""The service dies at each step of a checkout; on demand several do, behind nginx."""

from pathlib import Path

import pytest

from tests.processes.shapes import Shape
from tests.processes.steps import STEPS_OF_A_CHECKOUT, kill_at_each_step


@pytest.mark.timeout(300)  # eleven processes start, one after the other
async def test_a_checkout_carries_on_wherever_the_service_is_killed(
    mongo_uri: str, database_name: str, tmp_path: Path
) -> None:
    steps = await kill_at_each_step(
        Shape(instances=1, is_behind_nginx=False),
        folder=tmp_path,
        mongodb_uri=mongo_uri,
        database=database_name,
    )

    assert steps == STEPS_OF_A_CHECKOUT
