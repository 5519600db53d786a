"""The hazards as they are kept, in `hazards/*.toml`."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HAZARDS = Path(__file__).parent / "hazards"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hazard:
    """One thing that can go wrong.

    Args:
        number: under which it is known everywhere.
        title: what happens.
        outcome: what must come of it, in a sentence.
        proofs: the ids of the tests that show it; without brackets, all parameters.
        lacks: the part of the outcome that nothing shows yet; the hazard stays red.
    """

    number: int
    title: str
    outcome: str
    proofs: Sequence[str]
    lacks: str = ""


def hazards() -> list[Hazard]:
    rows = [
        row
        for path in HAZARDS.glob("*.toml")
        for row in tomllib.loads(path.read_text())["hazard"]
    ]
    return sorted((Hazard(**row) for row in rows), key=lambda hazard: hazard.number)
