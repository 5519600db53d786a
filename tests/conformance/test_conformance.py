"""The code does nothing that the model cannot."""

import re
from collections import Counter
from typing import Final

import pytest

from tests.conformance.mapping import CARRIES, NO_STEP
from tests.conformance.walk import BEYOND, Report, Walk
from tests.model import checkout, closing, disputing, payment, refunding, selling
from tests.model.labels import DEFENCES, written

WALKS: Final = 2000  # each commit, as the testing strategy says
ROOMS: Final = (checkout, selling, closing, payment, refunding, disputing)
ABSENT: Final = re.compile(
    r"insert: no attempts left"  # there is always room for one more
    r"|.*extra payment.*"  # the second payment of a session
    r"|mark mail sent: already"  # no lease ends here under a living worker
    r"|stripe expire the one left open"  # once in two thousand walks
)

pytestmark = pytest.mark.timeout(600)  # on a machine that has other things to do


@pytest.fixture(scope="module")
def reports() -> list[Report]:
    return [Walk(seed=seed).play() for seed in range(WALKS)]


def test_no_walk_parts_from_the_model(reports: list[Report]) -> None:
    assert [report.divergence for report in reports if report.divergence] == []


def test_few_walks_come_where_the_model_ends(reports: list[Report]) -> None:
    beyond = [report for report in reports if report.labels[BEYOND]]
    assert len(beyond) < len(reports) / 100


def test_the_walks_take_the_steps_of_the_model(reports: list[Report]) -> None:
    taken = set(sum((report.labels for report in reports), Counter()))
    missing = [
        label
        for label in written(ROOMS) - DEFENCES
        if not any(re.fullmatch(label, each) for each in taken)
    ]
    plain = [label.replace("\\", "") for label in missing]
    assert [label for label in plain if not ABSENT.fullmatch(label)] == []


def test_the_walks_make_every_call_that_is_mapped(reports: list[Report]) -> None:
    made = set(sum((report.calls for report in reports), Counter()))
    assert made == NO_STEP | set(CARRIES)


def test_a_seed_tells_the_same_story_twice() -> None:
    first, second = Walk(seed=7), Walk(seed=7)
    assert first.play() == second.play()
