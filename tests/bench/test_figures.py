"""What the bench says of a number is what the number says."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.bench.figures import AtLeast, AtMost, Figure, Verdict, short, summary
from tests.bench.report import lines, write_json

CPU = Figure.of("http", "checkout, CPU", [1.9, 1.5, 1.4], "x", target=AtMost(1.6))
LOCK = Figure.of("lock", "hand-off", [0.3, 0.4], "x", target=AtLeast(0.45))
PLAIN = Figure.of("http", "requests/s", 1234.5)


def test_the_median_is_judged_and_not_the_luckiest_round() -> None:
    lucky = Figure.of("http", "checkout, CPU", [1.5, 1.7, 1.7], target=AtMost(1.6))

    assert CPU.verdict is Verdict.MET
    assert lucky.verdict is Verdict.MISSED


def test_a_bound_is_within_its_target() -> None:
    assert Figure.of("x", "trips", 3, target=AtMost(3)).verdict is Verdict.MET
    assert Figure.of("x", "ratio", 0.4, target=AtLeast(0.4)).verdict is Verdict.MET


def test_what_nobody_promised_is_neither_met_nor_missed() -> None:
    assert PLAIN.verdict is Verdict.NONE


def test_what_was_never_measured_is_no_figure() -> None:
    with pytest.raises(ValueError, match="never measured"):
        Figure.of("x", "nothing", [])


@pytest.mark.parametrize(
    ("value", "written"),
    [(3.0, "3"), (1.5678, "1.57"), (0.04321, "0.0432"), (1234.5, "1,234")],
)
def test_a_number_has_the_digits_that_mean_something(
    value: float, written: str
) -> None:
    assert short(value) == written


def test_the_summary_names_what_was_missed() -> None:
    assert summary([CPU, PLAIN]) == "bench: 1 of 1 targets met"
    assert summary([CPU, LOCK, PLAIN]) == (
        "bench: 1 of 2 targets met; missed: hand-off 0.3 / 0.35 / 0.4 x (>= 0.45)"
    )


def test_each_line_carries_target_and_verdict() -> None:
    written = lines("http", [CPU, PLAIN]).splitlines()

    assert written[0] == "== http"
    assert written[1].split() == [
        *("checkout,", "CPU", "1.4", "/", "1.5", "/", "1.9", "x"),
        *("<=", "1.6", "met"),
    ]
    assert written[2].split() == ["requests/s", "1,234", "-"]


def test_a_run_can_be_held_against_the_next(tmp_path: Path) -> None:
    path = tmp_path / "bench" / "run.json"

    write_json(path, [CPU, LOCK], at=datetime(2026, 11, 23, tzinfo=UTC))

    kept = json.loads(path.read_text())
    assert kept["figures"][0]["rounds"] == [1.9, 1.5, 1.4]
    assert [each["verdict"] for each in kept["figures"]] == ["met", "missed"]
    assert kept["versions"]["pymongo"]
