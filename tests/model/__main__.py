"""Check the model from the command line.

    python -m tests.model check [CONFIGURATION ...] [--commit | --all]
    python -m tests.model mutants [NAME ...]
    python -m tests.model seed [NAME ...]

The exit code is 1 if anything was found that should not be, or not found that should.
"""

import argparse
import sys
from collections.abc import Callable, Collection, Iterable, Sequence

from tests.model.configurations import COMMIT, CONFIGURATIONS
from tests.model.counterexamples import CLAIMS
from tests.model.exploration import Counterexample, Exploration
from tests.model.labels import unreached
from tests.model.planted import MUTANTS
from tests.model.running import check_all, check_mutant
from tests.model.seed import Seed

Command = Callable[[argparse.Namespace], bool]


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    command: Command = options.command
    return 0 if command(options) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.model")
    commands = parser.add_subparsers(required=True)
    checking = commands.add_parser("check", help="explore configurations to the end")
    checking.add_argument("names", nargs="*", metavar="CONFIGURATION")
    checking.add_argument("--commit", action="store_true", help="those of each commit")
    checking.add_argument("--all", action="store_true", help="every one")
    checking.add_argument("--processes", type=int, default=2)
    checking.set_defaults(command=_check)
    killing = commands.add_parser("mutants", help="find planted defects")
    killing.add_argument("names", nargs="*", metavar="NAME")
    killing.set_defaults(command=_mutants)
    seeding = commands.add_parser("seed", help="show what the seed's protocol breaks")
    seeding.add_argument("names", nargs="*", metavar="NAME")
    seeding.set_defaults(command=_seed)
    return parser


def _check(options: argparse.Namespace) -> bool:
    usual = CONFIGURATIONS if options.all else COMMIT
    names = _chosen(options.names, CONFIGURATIONS, usual)
    _say(f"{'':5}{'states':>12}{'transitions':>13}{'depth':>6}{'seconds':>9}  verdict")
    reached: set[str] = set()
    states = transitions = 0
    is_fine = True
    for report in check_all(names, processes=options.processes):
        found = report.findings
        verdict = "broken" if found.counterexample else "safe, live"
        _say(
            f"{report.name:5}{found.states:12,}{found.transitions:13,}"
            f"{found.depth:6}{found.seconds:9.1f}  {verdict}"
        )
        _show(found.counterexample)
        reached |= report.labels
        states += found.states
        transitions += found.transitions
        is_fine &= found.counterexample is None
    _say(f"{'sum':5}{states:12,}{transitions:13,}")
    missing = set() if options.names else unreached(reached)
    for label in sorted(missing):
        _say(f"not reached, or a defence that was: {label}")
    return is_fine and not missing


def _mutants(options: argparse.Namespace) -> bool:
    survivors = []
    for name in _chosen(options.names, MUTANTS, MUTANTS):
        report = check_mutant(name)
        found = report.findings.counterexample
        if found is None:
            survivors.append(name)
            _say(f"{name:24} SURVIVED")
        else:
            steps = f"{len(found.steps):3} steps"
            _say(
                f"{name:24} {steps}  {MUTANTS[name].configuration:3} {found.invariant}"
            )
        if options.names:
            _show(found)
    return not survivors


def _seed(options: argparse.Namespace) -> bool:
    is_fine = True
    for name in _chosen(options.names, CLAIMS, CLAIMS):
        claim = CLAIMS[name]
        found = Exploration(Seed(claim.setting)).run().counterexample
        _say(f"{name:4} {claim.what}")
        _show(found)
        is_fine &= (
            found is not None
            and found.invariant == claim.invariant
            and len(found.steps) == claim.steps
        )
    return is_fine


def _chosen(
    names: Sequence[str], known: Collection[str], usual: Iterable[str]
) -> list[str]:
    unknown = [name for name in names if name not in known]
    if unknown:
        sys.exit(f"There is no {unknown[0]}, but {', '.join(known)}.")
    return list(names or usual)


def _show(found: Counterexample | None) -> None:
    if found is None:
        return
    _say(f"     {found.invariant}, in {len(found.steps)} steps:")
    for step in found.steps:
        _say(f"       - {step}")
    for line in found.state.splitlines():
        _say(f"         {line}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
