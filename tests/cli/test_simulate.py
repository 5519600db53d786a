from io import StringIO
from pathlib import Path

from rich.console import Console

from entrypoints.cli.simulate import tell_bad_endings
from entrypoints.simulation.campaign import Findings, stories
from entrypoints.simulation.odds import EVERY_FAULT, Fault
from tests.cli.command import spothold
from tests.simulation.mutants import MUTANTS


async def test_stories_are_played_and_summed_up(tmp_path: Path) -> None:
    result = await spothold(
        "simulate", "--seeds", "3", "--faults", "crash", folder=tmp_path
    )
    assert (result.code, result.err) == (0, "")
    assert "3 stories" in result.out
    assert "0 ended badly" in result.out
    assert "hang up" not in result.out


async def test_a_fault_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    result = await spothold("simulate", "--faults", "bad luck", folder=tmp_path)
    assert result.code == 2


def test_a_bad_ending_is_told_with_the_line_that_repeats_it() -> None:
    endings = stories(range(100), parts=MUTANTS["no index"].parts)
    bad = next(ending for ending in endings if ending.complaint)
    findings = Findings()
    findings.add(bad)
    told = StringIO()
    console = Console(file=told, width=200)

    assert tell_bad_endings(findings, EVERY_FAULT, console) == 1
    assert tell_bad_endings(findings, frozenset({Fault.CRASH}), console) == 1

    line = f"spothold simulate --first-seed {bad.seed} --seeds 1"
    assert str(bad.complaint) in told.getvalue()
    assert f"{line}\n" in told.getvalue()
    assert f"{line} --faults crash\n" in told.getvalue()


def test_good_endings_are_nothing_to_tell() -> None:
    told = StringIO()

    assert tell_bad_endings(Findings(), EVERY_FAULT, Console(file=told)) == 0
    assert told.getvalue() == ""
