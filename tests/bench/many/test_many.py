"""What can be wrong with the part `many`: how it counts, and what it compares."""

import pytest

from tests.bench.figures import Verdict
from tests.bench.many.crew import REQUESTS, Run
from tests.bench.many.part import figures


def a_run(*, seconds: float, errors: int = 0) -> Run:
    cpu = {"services": 3.0, "nginx": 0.5, "database": 2.5}
    return Run(visits=100, seconds=seconds, cpu=cpu, errors=errors)


def test_a_run_is_told_for_each_request() -> None:
    run = a_run(seconds=4)

    assert REQUESTS == 3
    assert run.per_second == 75
    assert run.per_request("services") == pytest.approx(10)
    assert run.cores == pytest.approx(1.5)


def test_sizes_are_compared_within_a_round() -> None:
    runs = {
        1: [a_run(seconds=4), a_run(seconds=40)],
        2: [a_run(seconds=2), a_run(seconds=20)],
    }

    told = {figure.name: figure for figure in figures(runs)}

    assert told["throughput over 1 instance, 2 instances"].rounds == (2.0, 2.0)
    assert told["errors"].verdict is Verdict.MET


def test_one_error_in_one_run_is_a_miss() -> None:
    runs = {1: [a_run(seconds=1), a_run(seconds=1, errors=1)]}

    assert [*figures(runs)][-1].verdict is Verdict.MISSED
