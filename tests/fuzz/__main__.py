"""`python -m tests.fuzz`: as many requests as there is patience for."""

import argparse
import secrets
import sys
import warnings
from collections.abc import Mapping
from typing import Any

from tests.fuzz.fuzzing import Tally, fuzz


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**31))
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    say(f"seed {asked.seed}")
    tally = fuzz(cases=asked.cases, seed=asked.seed)
    report(tally)
    return 1 if tally.failures else 0


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def listed(counts: Mapping[Any, int]) -> str:
    return ", ".join(f"{key} {counts[key]}" for key in sorted(counts))


def report(tally: Tally) -> None:
    for failure in tally.failures:
        say(failure + "\n")
    by_identity = listed(tally.sent)
    by_status = listed(tally.statuses)
    say(f"{tally.cases} requests ({by_identity}); answered {by_status}")
    say(f"{len(tally.failures)} failures")


if __name__ == "__main__":
    sys.exit(main())
