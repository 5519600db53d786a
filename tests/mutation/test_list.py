"""The list does not rot, and what it promises for each commit is kept."""

import re
from collections import Counter

import pytest

from tests.collected import missing_among
from tests.mutation.__main__ import main
from tests.mutation.kept import ROOT, Mutant, StaleMutant, kept_mutants

MUTANTS = kept_mutants()
AT_LEAST = 40
# The protocol's own list (4.3); sweep-by-age and refund-first come with reconcile and
# the refunds.
OF_THE_PROTOCOL = {
    "ack-early",
    "blind-complete",
    "blind-pending",
    "cancel-no-expire",
    "check-then-push",
    "local-clock",
    "no-fence",
    "no-unique-index",
    "release-first",
    "revive",
    "sweep-the-living",
}


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_changes_one_place_in_code_that_still_compiles(mutant: Mutant) -> None:
    changed = mutant.applied((ROOT / mutant.file).read_text())

    compile(changed, mutant.file, "exec")
    assert mutant.old != mutant.new


def test_the_tests_that_kill_are_there() -> None:
    assert missing_among(name for mutant in MUTANTS for name in mutant.killed_by) == []


def test_a_test_that_is_gone_is_noticed() -> None:
    here = "tests/mutation/test_list.py"
    there = f"{here}::test_a_test_that_is_gone_is_noticed"
    gone = [f"{here}::test_of_yesterday", "tests/mutation/test_gone.py::test_it"]

    assert missing_among([there, *gone]) == sorted(gone)


def test_every_mutant_is_named_once_explained_and_given_to_a_test() -> None:
    names = Counter(mutant.name for mutant in MUTANTS)

    assert [name for name, times in names.items() if times > 1] == []
    assert [name for name in names if not re.fullmatch(r"[a-z]+(-[a-z]+)*", name)] == []
    assert all(mutant.killed_by and mutant.why for mutant in MUTANTS)
    assert len(MUTANTS) >= AT_LEAST


def test_those_of_the_protocol_are_tried_on_each_commit() -> None:
    assert {mutant.name for mutant in MUTANTS if mutant.each_commit} >= OF_THE_PROTOCOL


def test_a_line_that_moved_on_makes_its_mutant_stale() -> None:
    mutant = MUTANTS[0]

    with pytest.raises(StaleMutant, match=mutant.name):
        mutant.applied("")
    with pytest.raises(StaleMutant):
        mutant.applied(mutant.old * 2)


@pytest.mark.timeout(300)
def test_the_quick_few_are_killed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--each-commit"]) == 0, capsys.readouterr().out
