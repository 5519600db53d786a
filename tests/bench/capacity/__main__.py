"""Print the tables of docs/explanation/capacity.md.

    python -m tests.bench.capacity [--json FILE] [--paper]

FILE is what `python -m tests.bench requests --json FILE` keeps; without it the figures
are those that the paper was written with.  `--paper` puts the tables into the paper.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tests.bench.capacity.costs import Costs, ceilings_table, service_table
from tests.bench.capacity.opening import opening_table
from tests.bench.capacity.sizes import (
    program_at_rest,
    sales_table,
    spots_table,
    stages,
    writes_table,
)
from tests.bench.capacity.stripe_queue import line_table
from tests.bench.capacity.tables import Table

PAPER: Final = Path("docs/explanation/capacity.md")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.capacity")
    parser.add_argument("--json", type=Path, help="figures of the bench")
    parser.add_argument("--paper", action="store_true", help="write them down")
    asked = parser.parse_args()
    costs = Costs() if asked.json is None else Costs.read(asked.json)
    found = asyncio.run(tables(costs))
    for table in found:
        sys.stdout.write(f"{table}\n\n")
    if asked.paper:
        PAPER.write_text(with_tables(PAPER.read_text(), found))
    return 0


def with_tables(paper: str, found: Iterable[Table]) -> str:
    """Put each table in the place of the one that has its title.

    Raises:
        ValueError: there is none.
    """
    for table in found:
        begin = paper.index(f"**{table.title}**")
        end = paper.index("\n\n", paper.index("\n|", begin))
        paper = paper[:begin] + str(table) + paper[end:]
    return paper


async def tables(costs: Costs) -> list[Table]:
    rows, program = await stages(), await program_at_rest()
    return [
        service_table(costs),
        ceilings_table(costs),
        writes_table(rows),
        sales_table(rows),
        spots_table(program),
        line_table(),
        opening_table(costs),
    ]


if __name__ == "__main__":
    sys.exit(main())
