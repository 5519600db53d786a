"""What can be wrong with the part `many`: how it counts, and what it compares."""

from dataclasses import replace

import pytest

from tests.bench.figures import Verdict
from tests.bench.many.crew import REQUESTS, Run
from tests.bench.many.part import figures


def a_run(*, seconds: float, cpu: float = 3.0, errors: int = 0) -> Run:
    return Run(
        visits=100,
        seconds=seconds,
        at_rest=seconds + 1,
        cpu={"services": cpu, "nginx": 0.5, "database": 2.5},
        waited=1.0,
        resting=0.0,
        errors=errors,
    )


def test_a_run_is_told_for_each_request() -> None:
    run = a_run(seconds=4)

    assert REQUESTS == 3
    assert run.per_second == 75  # mails are not waited for
    assert run.per_request("services") == pytest.approx(10)
    assert run.cores == pytest.approx(1.2)  # mails are counted
    assert run.delayed == pytest.approx(0.25)


def test_what_services_do_anyhow_is_no_cost_of_a_request() -> None:
    run = replace(a_run(seconds=4), resting=0.3)

    assert run.per_request("services") == pytest.approx(10)
    assert run.beyond_rest == pytest.approx(5)


def test_sizes_are_compared_within_a_round() -> None:
    runs = {
        1: [a_run(seconds=4), a_run(seconds=40)],
        4: [a_run(seconds=2, cpu=6.0), a_run(seconds=20, cpu=1.5)],
    }

    told = {figure.name: figure for figure in figures(runs)}

    assert told["throughput over 1 instance, 4 instances"].rounds == (2.0, 2.0)
    added = told["requests/s that each further process adds, 4 instances"]
    assert added.rounds == (25.0, 2.5)
    costs = told["services' CPU per request over 1 instance, 4 instances"]
    assert costs.rounds == pytest.approx((2.0, 0.5))
    reckoned = told["requests/s with a core for each, 4 instances"]
    assert reckoned.rounds == pytest.approx((200.0, 800.0))
    assert told["errors"].verdict is Verdict.MET


def test_one_error_in_one_run_is_a_miss() -> None:
    runs = {1: [a_run(seconds=1), a_run(seconds=1, errors=1)]}

    assert [*figures(runs)][-1].verdict is Verdict.MISSED
