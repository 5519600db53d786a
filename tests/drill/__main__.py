"""`python -m tests.drill [NUMBER…]`: one line for each hazard, with its verdict."""

import argparse
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from time import monotonic

import pytest

from tests.drill.table import Hazard, hazards
from tests.drill.verdicts import OK, Recorder, exit_code, verdict

RED = "\N{ESCAPE}[31m"
PLAIN = "\N{ESCAPE}[0m"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the tests of the hazards, and return 0 if all of them are proved."""
    parser = argparse.ArgumentParser(prog="python -m tests.drill", description=__doc__)
    parser.add_argument("numbers", nargs="*", type=int, metavar="NUMBER")
    parser.add_argument("--all-tests", action="store_true", help="name each test")
    asked = parser.parse_args(arguments)
    begun = monotonic()
    chosen = [
        hazard
        for hazard in hazards()
        if not asked.numbers or hazard.number in asked.numbers
    ]
    recorder = _run({proof for hazard in chosen for proof in hazard.proofs})
    verdicts = [verdict(hazard, recorder.outcomes) for hazard in chosen]
    for hazard, said in zip(chosen, verdicts, strict=True):
        _say(_line(hazard, said, all_tests=asked.all_tests))
    _say(
        f"{verdicts.count(OK)} of {len(chosen)} hazards are proved, "
        f"by {len(recorder.outcomes)} tests in {monotonic() - begun:.0f} s"
    )
    return exit_code(verdicts)


def _run(proofs: set[str]) -> Recorder:
    """Run each test once; pytest's own words go to standard error."""
    recorder = Recorder()
    if proofs:
        quietly = ["-q", "--no-header", "-p", "no:cacheprovider"]
        with redirect_stdout(sys.stderr):
            pytest.main([*quietly, *sorted(proofs)], plugins=[recorder])
    return recorder


def _line(hazard: Hazard, said: str, *, all_tests: bool) -> str:
    tests = _named(hazard.proofs, all_tests=all_tests)
    line = f"{hazard.number:<2}  {hazard.title} | {tests} | {said}"
    is_red = said != OK and sys.stdout.isatty()
    return f"{RED}{line}{PLAIN}" if is_red else line


def _named(proofs: Sequence[str], *, all_tests: bool) -> str:
    if all_tests or len(proofs) <= 1:
        return ", ".join(proofs) or "-"
    return f"{proofs[0]} and {len(proofs) - 1} more"


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
