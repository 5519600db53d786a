"""Strike the use cases, and print how many points and runs there were.

    python -m tests.crash [--all-pairs] [SCRIPT ...]

The exit code is 1 if anything ended in a way that it should not.
"""

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from time import monotonic

from tests.crash.gate import Fault
from tests.crash.playbill import points_of_use_cases
from tests.crash.script import SCRIPTS, Script
from tests.crash.stage import Violated
from tests.crash.sweep import NotSettled, Run, Sweep

FAULTS = tuple(Fault)


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    seconds = FAULTS if options.all_pairs else (Fault.CRASH,)
    begun = monotonic()
    singles, pairs = Counter[str](), Counter[str]()
    is_well = True
    for name in options.script or SCRIPTS:
        script = SCRIPTS[name]
        try:
            once, twice = asyncio.run(_strike(script, seconds))
        except (NotSettled, Violated) as error:
            print(f"WRONG {name}: {error}")  # noqa: T201
            is_well = False
            continue
        singles[script.use_case] += len(once)
        pairs[script.use_case] += len(twice)
        is_well &= _check(script, [*once, *twice])
    _print_table(singles, pairs)
    print(f"{monotonic() - begun:.0f} s")  # noqa: T201
    return 0 if is_well else 1


async def _strike(
    script: Script, faults: Sequence[Fault]
) -> tuple[list[Run], list[Run]]:
    sweep = Sweep(script)
    await sweep.ready()
    once = [run async for run in sweep.singles(FAULTS)]
    twice = [run async for run in sweep.pairs(faults, faults)]
    return once, twice


def _check(script: Script, runs: Sequence[Run]) -> bool:
    wrong = [run for run in runs if run.end not in script.ends]
    wrong += [run for run in runs if run.copies and not run.may_have_copied]
    for run in wrong:
        print(f"WRONG {script.name}: {'; '.join(run.where)}: {run.end}")  # noqa: T201
    return not wrong


def _print_table(singles: Counter[str], pairs: Counter[str]) -> None:
    points = points_of_use_cases()
    print(f"{'use case':20} {'points':>7} {'one fault':>10} {'two faults':>10}")  # noqa: T201
    for name in sorted(singles):
        print(f"{name:20} {points[name]:7,} {singles[name]:10,} {pairs[name]:10,}")  # noqa: T201
    sums = (points.total(), singles.total(), pairs.total())
    print(f"{'together':20} {sums[0]:7,} {sums[1]:10,} {sums[2]:10,}")  # noqa: T201


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.crash")
    parser.add_argument("script", nargs="*")
    parser.add_argument("--all-pairs", action="store_true")
    return parser


if __name__ == "__main__":
    sys.exit(main())
