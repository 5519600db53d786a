"""`python -m tests.bench`, or `make bench`: every figure beside its target.

Prints as it goes, a summary as the last line, and keeps a JSON in `data/bench/`.
"""

import argparse
import asyncio
import logging
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.bench.figures import Figure, summary
from tests.bench.options import Options
from tests.bench.parts import PARTS
from tests.bench.report import lines, write_json

WHERE = Path("data/bench")


def main() -> int:
    asked = arguments().parse_args()
    logging.disable(logging.WARNING)  # servers of ours that run in this process
    at = datetime.now(UTC)
    options = Options(
        rounds=asked.rounds,
        is_short=asked.short,
        soak=timedelta(minutes=asked.soak_minutes),
    )
    figures = asyncio.run(measured(asked.parts or list(PARTS), options))
    path = asked.json or WHERE / f"{at:%Y%m%dT%H%M%SZ}.json"
    write_json(path, figures, at=at)
    say(f"kept in {path}")
    say(summary(figures))
    return 0


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--short", action="store_true", help="seconds, not minutes")
    parser.add_argument("--soak-minutes", type=float, default=60.0)
    parser.add_argument("--json", type=Path, help="where to keep the figures")
    return parser


async def measured(names: list[str], options: Options) -> list[Figure]:
    """Run the parts one after the other: beside each other they would disturb."""
    figures: list[Figure] = []
    for name in names:
        of_part = await PARTS[name](options)
        say(lines(name, of_part))
        figures += of_part
    return figures


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
