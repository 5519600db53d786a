"""A start is timed, of what production has."""

import os
import sys
import time

from tests.bench.processes import cpu_seconds, waited_for_a_core
from tests.bench.sides import Ground
from tests.bench.start.as_installed import packages_beside
from tests.bench.start.part import INSTALLED, started, with_anothers


async def test_a_start_is_timed_until_it_is_ready(
    ground: Ground, database_name: str
) -> None:
    begun = time.perf_counter()

    start = await started(ground, with_anothers(ground, database_name), idle=0)

    assert start.cpu > 0
    assert 0 < start.alone <= start.ready < time.perf_counter() - begun
    assert 20 < start.resident < 500


def test_what_only_developers_have_is_not_there() -> None:
    absent = packages_beside(INSTALLED).split(",")

    assert {"pytest", "werkzeug", "mypy"} <= set(absent)
    assert not {"litestar", "beanie", "jwt", "yaml", "entrypoints"} & set(absent)


def test_time_is_told_of_the_process_that_was_named() -> None:
    before, ours = cpu_seconds(os.getpid()), time.process_time()

    sum(range(300_000))

    assert (
        abs((cpu_seconds(os.getpid()) - before) - (time.process_time() - ours)) < 0.01
    )
    assert sys.platform != "linux" or waited_for_a_core(os.getpid()) > 0
