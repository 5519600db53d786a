"""The mutants as they are kept, in `kept/*.toml`."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
KEPT = Path(__file__).parent / "kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One change that makes the service wrong, and who must notice.

    Args:
        name: what somebody would call the bug.
        file: where it is made, from the root.
        old: what stands there, exactly once.
        new: what stands there instead.
        killed_by: the ids of the tests of which one must fail; without brackets, with
            any of its parameters.
        why: what would happen to buyers or money.
        each_commit: tried on each commit, and not only by `make mutants`.
    """

    name: str
    file: str
    old: str
    new: str
    killed_by: Sequence[str]
    why: str
    each_commit: bool = False

    def applied(self, source: str) -> str:
        """Return the source with the change made.

        Raises:
            StaleMutant: what it changes is not there exactly once.
        """
        found = source.count(self.old)
        if found != 1:
            raise StaleMutant(f"{self.name}: found {found} times in {self.file}")
        return source.replace(self.old, self.new)


class StaleMutant(Exception):
    """The code has moved on, and the list has not."""


def kept_mutants() -> list[Mutant]:
    rows = [
        row
        for path in sorted(KEPT.glob("*.toml"))
        for row in tomllib.loads(path.read_text())["mutant"]
    ]
    return [Mutant(**row) for row in rows]
