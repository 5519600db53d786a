"""A process that hangs when it is told to end ends all the same, and says where."""

import asyncio
import subprocess
import sys
from datetime import timedelta

import pytest

from entrypoints.cli.serve import end_by_force
from entrypoints.http.leaving import Leaving
from tests.servers.service import ENDED_BY_FORCE, ROOT


def hang_for_ever() -> None:
    """Run by the child: its last task hears no cancellation."""
    Leaving(grace=timedelta(), last_resort=end_by_force).begin()
    asyncio.run(never_hear())


async def never_hear() -> None:
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            continue


@pytest.mark.timeout(60)
def test_it_ends_and_tells_where_it_hung() -> None:
    code = f"from {__name__} import hang_for_ever; hang_for_ever()"

    ended = subprocess.run(  # noqa: S603 -- the command is ours
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )

    assert ended.returncode == 1
    assert ENDED_BY_FORCE in ended.stderr
    assert "in hang_for_ever" in ended.stderr
