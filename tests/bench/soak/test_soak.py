"""A soak's figures are what its readings say, and each commit bears a few seconds."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import chain, repeat
from pathlib import Path

import pytest

from adapters.prometheus.metrics import PrometheusMetrics
from application.ports.locks import LockStatistics, Spread
from tests.bench.figures import Verdict
from tests.bench.soak.part import (
    Soaked,
    growth_of,
    is_judged,
    soaked_for,
    warm_up_of,
)
from tests.bench.soak.readings import Reading, once_idle
from tests.bench.soak.slopes import slope_of
from tests.processes.load import Ledger

BUSY = LockStatistics(
    active=2,
    waiting=3,
    acquired=50,
    contended=7,
    timed_out=1,
    wait_times=Spread(),
    hold_times=Spread(),
    held=(),
)


def soaked(readings: Sequence[Reading]) -> Soaked:
    return Soaked(
        readings=readings,
        before=readings[0],
        after=readings[-1],
        ledger=Ledger(),
        struck=0,
        findings=0,
        wrong=(),
    )


def reading(
    minute: float, *, memory: float = 100.0, files: int = 30, locks: int = 0
) -> Reading:
    return Reading(at=60 * minute, memory=memory, files=files, tasks=9, locks=locks)


def test_a_slope_is_that_of_the_line() -> None:
    exact = slope_of([0, 1, 2, 5], [10, 12, 14, 20])
    noisy = slope_of([0, 1, 2, 3], [0, 1, 0, 1])

    assert exact.per_unit == pytest.approx(2)
    assert exact.noise == pytest.approx(0)
    assert noisy.per_unit == pytest.approx(0.2)
    assert noisy.noise == pytest.approx(0.2828, rel=1e-3)


@pytest.mark.parametrize("at", [[1.0, 2.0], [1.0, 1.0, 1.0]])
def test_no_slope_is_made_up(at: list[float]) -> None:
    with pytest.raises(ValueError, match="readings"):
        slope_of(at, at)


@pytest.mark.parametrize(
    ("mib_a_minute", "verdict"), [(0.05, Verdict.MET), (0.15, Verdict.MISSED)]
)
def test_memory_is_judged_by_ten_minutes(mib_a_minute: float, verdict: Verdict) -> None:
    run = [reading(n, memory=100 + n * mib_a_minute) for n in range(40)]

    memory, files, _ = growth_of(soaked(run), is_long=True)

    assert memory.median == pytest.approx(10 * mib_a_minute)
    assert memory.verdict is verdict
    assert files.verdict is Verdict.MET


def test_one_file_left_open_each_minute_is_seen() -> None:
    run = [reading(n, files=30 + n) for n in range(40)]

    _, files, _ = growth_of(soaked(run), is_long=True)

    assert files.median == pytest.approx(10)
    assert files.verdict is Verdict.MISSED


def test_load_that_comes_and_goes_is_no_growth() -> None:
    run = [reading(n / 10, files=30 + (n % 10) * n) for n in range(400)]

    _, files, _ = growth_of(soaked(run), is_long=True)

    assert (files.median, files.verdict) == (0, Verdict.MET)


def test_a_minute_is_not_judged() -> None:
    run = [reading(n / 40, memory=100 + n) for n in range(40)]

    assert {figure.verdict for figure in growth_of(soaked(run), is_long=False)} == {
        Verdict.NONE
    }


def test_a_slope_is_judged_once_each_job_has_had_a_round() -> None:
    hour, least, less = (timedelta(minutes=number) for number in (60, 28, 20))

    assert warm_up_of(hour) == warm_up_of(least) == timedelta(minutes=18)
    assert warm_up_of(less) == timedelta(minutes=6)
    assert [is_judged(lasts) for lasts in (hour, least, less)] == [True, True, False]


def test_a_reading_is_what_the_service_exposes() -> None:
    metrics = PrometheusMetrics()
    metrics.show_tasks(12)
    metrics.show_locks(BUSY)

    seen = Reading.of(metrics.exposition().body.decode(), at=7)

    assert (seen.at, seen.tasks, seen.locks) == (7, 12, 5)
    assert 10 < seen.memory < 4096
    assert seen.files > 2


@pytest.mark.parametrize("last", [0, 1])
async def test_an_entry_that_nobody_holds_is_told_from_one_that_is(last: int) -> None:
    held = chain([2, 1], repeat(last))

    async def read() -> Reading:
        return reading(0, locks=next(held))

    assert (await once_idle(read, within=0.2)).locks == last


@pytest.mark.timeout(120)
async def test_some_seconds_of_load_and_faults_leave_nothing_behind(
    mongo_uri: str, database_name: str, tmp_path: Path
) -> None:
    seen = await soaked_for(
        timedelta(seconds=4),
        tmp_path,
        uri=mongo_uri,
        database=database_name,
        rest=0,
        share=0.2,
    )

    assert seen.wrong == []
    assert seen.findings == 0
    assert seen.after.locks == 0
    assert seen.struck > 0
    assert seen.ledger.pages
