"""Runs a command as if nothing were installed but what a requirements file names.

`python -m tests.bench.start.as_installed serve`: libraries look what else is there and
import that, too, so that a developer's environment starts slower than production.
"""

import os
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Final

from entrypoints.cli.__main__ import main

ABSENT: Final = "BENCH_ABSENT"
PINNED: Final = re.compile(r"([\w.-]+)==")


def packages_beside(requirements: Path) -> str:
    """Name what can be imported here and is of nothing in a requirements file."""
    found = map(PINNED.match, requirements.read_text().splitlines())
    wanted = {normal(each[1]) for each in found if each}
    return ",".join(
        package
        for package, owners in packages_distributions().items()
        if wanted.isdisjoint(map(normal, owners)) and "spothold" not in owners
    )


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    for package in os.environ[ABSENT].split(","):
        sys.modules[package] = None  # type: ignore[assignment]  # as if not there
    main()
