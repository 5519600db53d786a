"""`python -m tests.mutation [NAME…]`: make each mutant, and see its test turn red."""

import argparse
import sys
from collections.abc import Sequence
from time import monotonic

from tests.mutation.kept import Mutant, kept_mutants
from tests.mutation.workshop import ControlFailed, Tried, Verdict, workshop

CANNOT: int = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Try the mutants, and return 0 if all were killed."""
    asked = _parser().parse_args(arguments)
    known = {mutant.name: mutant for mutant in kept_mutants()}
    unknown = [name for name in asked.names if name not in known]
    if unknown:
        say(f"no such mutant: {', '.join(unknown)}")
        return CANNOT
    chosen = [
        mutant
        for name, mutant in known.items()
        if not asked.names or name in asked.names
        if mutant.each_commit or not asked.each_commit
    ]
    if asked.list:
        for mutant in chosen:
            say(f"{mutant.name}  {mutant.file}  {mutant.why}")
        return 0
    return _try_all(chosen, verbose=asked.verbose)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.mutation", description=__doc__
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these")
    parser.add_argument("--each-commit", action="store_true", help="only the quick few")
    parser.add_argument("--list", action="store_true", help="name them, try none")
    parser.add_argument(
        "--verbose", action="store_true", help="what pytest says of a survivor"
    )
    return parser


def _try_all(mutants: Sequence[Mutant], *, verbose: bool) -> int:
    begun = monotonic()
    with workshop() as shop:
        try:
            shop.control(mutants)
        except ControlFailed as failed:
            say(f"{failed}\nThe tests fail without a mutant: nothing was tried.")
            return CANNOT
        say(f"control: the tests of {len(mutants)} mutants pass without one")
        tried = [_report(shop.try_(mutant), verbose=verbose) for mutant in mutants]
    counts = {
        verdict: sum(each.verdict is verdict for each in tried) for verdict in Verdict
    }
    told = ", ".join(f"{n} {verdict}" for verdict, n in counts.items() if n)
    say(f"{len(tried)} mutants: {told}, in {monotonic() - begun:.0f} s")
    return 0 if all(each.is_killed for each in tried) else 1


def _report(tried: Tried, *, verbose: bool) -> Tried:
    mutant = tried.mutant
    by = ", ".join(mutant.killed_by)
    say(f"{tried.verdict:<8}  {tried.seconds:5.1f} s  {mutant.name}  {by}")
    if not tried.is_killed:
        say(f"          {mutant.file}: {mutant.why}")
        if verbose or tried.verdict is not Verdict.SURVIVED:
            say(tried.output)
    return tried


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
