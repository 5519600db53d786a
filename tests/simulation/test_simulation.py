"""The whole service through thousands of bad days (protocol 4.3, hazards T5)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from entrypoints.simulation.campaign import Findings, how_to_repeat, stories
from entrypoints.simulation.odds import EVERY_FAULT, Fault
from entrypoints.simulation.story import Story
from tests.house.repository import ROOT

SEEDS = range(2_000)
KEPT = Path(__file__).with_name("kept_seeds.txt")


def played(seeds: range | list[int], faults: frozenset[Fault]) -> Findings:
    findings = Findings()
    for ending in stories(seeds, faults=faults):
        findings.add(ending)
        assert ending.complaint is None, how_to_repeat(ending, faults)
    return findings


def kept_seeds() -> list[int]:
    lines = KEPT.read_text().splitlines()
    return [int(line.split()[0]) for line in lines if not line.startswith("#")]


@pytest.mark.timeout(600)
def test_every_story_ends_well_and_they_are_not_tame() -> None:
    findings = played(SEEDS, EVERY_FAULT)

    assert findings.stories == len(SEEDS)
    assert findings.never_seen == []


def test_stories_that_once_ended_badly_end_well() -> None:
    played(kept_seeds(), EVERY_FAULT)


@pytest.mark.parametrize("fault", list(Fault))
def test_each_fault_alone_is_survived(fault: Fault) -> None:
    played(range(40), frozenset({fault}))


def test_without_faults_each_mail_is_sent_once() -> None:
    for seed in range(40):
        story = Story(seed, faults=frozenset())

        assert story.play().complaint is None
        ids = story.world.mailer.message_ids
        assert len(ids) == len(set(ids))


def test_one_seed_is_one_story() -> None:
    seeds = range(20)

    traces = [Story(seed).play().trace for seed in seeds]

    assert traces == [Story(seed).play().trace for seed in seeds]
    assert len(set(traces)) == len(seeds)


TELL_TRACES = """
from entrypoints.simulation.story import Story
print([Story(seed).play().trace for seed in range(10)])
"""


def test_one_seed_is_one_story_in_every_process() -> None:
    """The order of a set of texts differs from process to process."""
    told = {
        subprocess.run(  # noqa: S603  # our own command
            [sys.executable, "-c", TELL_TRACES],
            capture_output=True,
            check=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
        ).stdout
        for hash_seed in ("1", "2")
    }
    assert len(told) == 1
