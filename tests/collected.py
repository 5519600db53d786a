"""Which tests there are, for lists that name some of them."""

import subprocess
import sys
from collections.abc import Collection, Iterable

from tests.house.repository import ROOT


def missing_among(named: Iterable[str]) -> list[str]:
    """Return those that pytest does not find; a name without brackets means them all.

    A list of names rots silently: a test is renamed, and nobody proves it any more.
    """
    wanted = sorted(set(named))
    found = _collected(sorted({name.partition("::")[0] for name in wanted}))
    known = found | {test.partition("[")[0] for test in found}
    return [name for name in wanted if name not in known]


def _collected(files: Collection[str]) -> set[str]:
    there = [file for file in files if (ROOT / file).is_file()]
    collect = ["-m", "pytest", "--collect-only", "-q", "-p", "no:randomly"]
    told = subprocess.run(  # noqa: S603  # our own command
        [sys.executable, *collect, *there],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return {line for line in told.stdout.splitlines() if "::" in line}
