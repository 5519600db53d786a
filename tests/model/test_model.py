"""The protocol, explored to the end in every small world."""

import os
from collections.abc import Mapping
from dataclasses import fields

import pytest

from domain.purchase import NEXT as DOMAIN_NEXT
from domain.purchase import Status as DomainStatus
from domain.refunds import REFUND_NEXT, RefundState
from tests.model.configuration import Configuration
from tests.model.configurations import COMMIT, CONFIGURATIONS
from tests.model.labels import unreached
from tests.model.running import Report, check_all
from tests.model.vocabulary import NEXT, ROW_NEXT, Row, Status, word

pytestmark = pytest.mark.timeout(900)

# What the model that came with the protocol counts: states, transitions, depth.  R5 and
# R7 have grown since: what the dashboard gives back covers any try, not just the first.
FIRST_MODEL = {
    "A": (66_855, 323_625, 35),
    "AS": (226_179, 1_118_842, 35),
    "B1": (29_741, 176_306, 32),
    "B2": (144_759, 707_040, 47),
    "B3": (186_927, 889_952, 47),
    "B4": (65_917, 324_148, 37),
    "CD": (291_518, 1_411_733, 39),
    "CD3": (416_658, 1_941_265, 45),
    "E": (221_925, 742_008, 58),
    "G1": (74_649, 361_506, 37),
    "I9": (126_447, 617_687, 39),
    "R1": (136_902, 879_575, 41),
    "R4": (291_445, 859_205, 50),
    "R8": (89_460, 418_253, 40),
    "S1": (60_969, 301_045, 35),
    "S2": (102_435, 348_113, 49),
    "V1": (518_246, 2_777_450, 47),
    "X1": (349_721, 1_645_410, 39),
    "Z1": (122_033, 553_859, 33),
    "Z2": (287_397, 1_375_976, 48),
    "Z3": (32_738, 198_260, 32),
}


@pytest.fixture(scope="module")
def reports() -> Mapping[str, Report]:
    largest_first = sorted(COMMIT, key=_size, reverse=True)
    found = check_all(largest_first, processes=os.cpu_count() or 1)
    return {report.name: report for report in found}


def _size(name: str) -> int:
    return FIRST_MODEL.get(name, (200_000,))[0]


@pytest.mark.parametrize("name", COMMIT)
def test_no_step_breaks_an_invariant_and_everything_settles(
    reports: Mapping[str, Report], name: str
) -> None:
    findings = reports[name].findings
    assert findings.counterexample is None
    assert findings.is_complete
    assert findings.settled > 0


@pytest.mark.parametrize("name", list(FIRST_MODEL))
def test_the_world_is_as_large_as_in_the_first_model(
    reports: Mapping[str, Report], name: str
) -> None:
    findings = reports[name].findings
    size = (findings.states, findings.transitions, findings.depth)
    assert size == FIRST_MODEL[name]


def test_a_commit_visits_millions_of_states(reports: Mapping[str, Report]) -> None:
    assert sum(report.findings.states for report in reports.values()) > 5_000_000


def test_every_step_is_reached_and_no_defence_is(reports: Mapping[str, Report]) -> None:
    labels = {label for report in reports.values() for label in report.labels}
    assert unreached(labels) == set()


def test_a_step_that_is_not_reached_is_named() -> None:
    assert "buyer\\ pays" in unreached({"checkout request"})


def test_every_feature_is_on_in_some_world() -> None:
    usual = Configuration()
    for field in fields(Configuration):
        values = {getattr(CONFIGURATIONS[name], field.name) for name in COMMIT}
        assert values != {getattr(usual, field.name)}, field.name


def test_the_model_and_the_domain_speak_of_the_same_purchases() -> None:
    names = {DomainStatus(word(status)): status for status in NEXT if status}
    assert set(names) == set(DOMAIN_NEXT)
    for name, status in names.items():
        assert {DomainStatus(word(after)) for after in NEXT[status]} == DOMAIN_NEXT[
            name
        ]


def test_the_model_and_the_domain_speak_of_the_same_refunds() -> None:
    for row in Row:
        if row is not Row.NONE:
            moves = {RefundState(word(after)) for after in ROW_NEXT[row]}
            # Whether a refused row is failed later was tried both ways: both are safe.
            either = {RefundState.FAILED} if row is Row.REFUSED else set()
            assert moves - either == REFUND_NEXT[RefundState(word(row))] - either


def test_absent_is_no_word_of_the_domain() -> None:
    assert word(Status.ABSENT) not in set(DomainStatus)
