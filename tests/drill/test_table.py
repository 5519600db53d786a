"""The table is whole, its tests exist, and red is red."""

import subprocess
import sys

import pytest

from tests.collected import missing_among
from tests.drill.table import Hazard, hazards
from tests.drill.verdicts import MISSING, OK, Recorder, exit_code, verdict
from tests.house.repository import ROOT

HAZARDS = hazards()
PROVED = "tests/a.py::test_it"
PRICES = 30  # a hazard of pure rules, quick to prove


def a_hazard(*proofs: str, lacks: str = "") -> Hazard:
    return Hazard(number=1, title="it", outcome="Ends.", proofs=proofs, lacks=lacks)


def test_each_of_the_eighty_four_is_there_once() -> None:
    assert [hazard.number for hazard in HAZARDS] == list(range(1, 85))


def test_each_says_in_a_sentence_what_must_come_of_it() -> None:
    assert all(hazard.title for hazard in HAZARDS)
    assert all(hazard.outcome.endswith(".") for hazard in HAZARDS)


def test_no_title_or_test_breaks_the_line() -> None:
    shown = [text for each in HAZARDS for text in (each.title, *each.proofs)]

    assert [text for text in shown if "|" in text or not text.isprintable()] == []


def test_every_test_that_is_named_exists() -> None:
    assert missing_among(proof for hazard in HAZARDS for proof in hazard.proofs) == []


@pytest.mark.parametrize(
    ("outcomes", "said"),
    [
        ({PROVED: "passed"}, OK),
        ({f"{PROVED}[1]": "passed", f"{PROVED}[2]": "passed"}, OK),
        ({f"{PROVED}[1]": "passed", f"{PROVED}[2]": "failed"}, f"FAILED: {PROVED}"),
        ({PROVED: "skipped"}, f"SKIPPED: {PROVED}"),
        ({f"{PROVED}_else": "passed"}, f"NOT RUN: {PROVED}"),
    ],
)
def test_only_tests_that_all_passed_prove(outcomes: dict[str, str], said: str) -> None:
    assert verdict(a_hazard(PROVED), outcomes) == said


def test_without_a_test_or_with_half_a_proof_a_hazard_is_red() -> None:
    passed = {PROVED: "passed"}

    assert verdict(a_hazard(), passed) == MISSING
    assert verdict(a_hazard(PROVED, lacks="the rest"), passed) == "INCOMPLETE: the rest"


@pytest.mark.parametrize("when", ["setup", "teardown"])
def test_trouble_around_a_test_counts(when: str) -> None:
    recorder = Recorder()
    for step in ("setup", "call", "teardown"):
        outcome = "failed" if step == when else "passed"
        recorder.pytest_runtest_logreport(_report(step, outcome))

    assert recorder.outcomes == {PROVED: "failed"}


def _report(when: str, outcome: str) -> pytest.TestReport:
    return pytest.TestReport(
        nodeid=PROVED,
        location=("tests/a.py", 1, "test_it"),
        keywords={},
        outcome=outcome,  # type: ignore[arg-type]
        longrepr=None,
        when=when,  # type: ignore[arg-type]
    )


def drill(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603  # our own command
        [sys.executable, "-m", "tests.drill", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_drill_is_a_line_for_each_hazard_and_succeeds_if_all_are_proved() -> None:
    told = drill("--all-tests", str(PRICES))

    line, total = told.stdout.splitlines()
    prices = HAZARDS[PRICES - 1]
    assert line == f"{PRICES}  {prices.title} | {', '.join(prices.proofs)} | ok"
    assert total.startswith("1 of 1 hazards are proved, by ")
    assert told.returncode == 0
    assert drill("999").returncode == 1  # nothing was proved


def test_one_red_hazard_is_enough_to_fail() -> None:
    assert exit_code([OK, OK]) == 0
    assert exit_code([OK, MISSING]) == 1
    assert exit_code([]) == 1
