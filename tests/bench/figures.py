"""A figure, what it was meant to be, and whether it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import Any, Final, Self

SIGNIFICANT: Final = 3  # digits; the rest is noise


class Verdict(StrEnum):
    MET = "met"
    MISSED = "missed"
    NONE = "-"  # nothing was promised


@dataclass(frozen=True, slots=True)
class AtMost:
    """The figure may be as large as this."""

    bound: float

    def holds(self, value: float) -> bool:
        return value <= self.bound

    def __str__(self) -> str:
        return f"<= {short(self.bound)}"


@dataclass(frozen=True, slots=True)
class AtLeast:
    """The figure may be as small as this."""

    bound: float

    def holds(self, value: float) -> bool:
        return value >= self.bound

    def __str__(self) -> str:
        return f">= {short(self.bound)}"


Target = AtMost | AtLeast


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number of one part, as it came out in each round.

    Args:
        part: which part of the bench measured it.
        name: what was measured, such as "checkout, CPU over the floor".
        unit: such as "x" for a ratio, "ms", "MiB", "trips"; "" for a plain count.
        rounds: one value for each interleaved round; the median is judged.
        target: what it should be, if anything was promised.
        note: what distorts it, or what else a reader must know.
    """

    part: str
    name: str
    unit: str
    rounds: tuple[float, ...]
    target: Target | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if not self.rounds:
            raise ValueError(f"{self.name} was never measured")

    @classmethod
    def of(
        cls,
        part: str,
        name: str,
        rounds: Sequence[float] | float,
        unit: str = "",
        *,
        target: Target | None = None,
        note: str = "",
    ) -> Self:
        """Make one, also of a single value."""
        values = (rounds,) if isinstance(rounds, int | float) else tuple(rounds)
        return cls(
            part=part, name=name, unit=unit, rounds=values, target=target, note=note
        )

    @property
    def median(self) -> float:
        return median(self.rounds)

    @property
    def verdict(self) -> Verdict:
        if self.target is None:
            return Verdict.NONE
        return Verdict.MET if self.target.holds(self.median) else Verdict.MISSED

    @property
    def spread(self) -> str:
        """Return min/median/max, or the one value there is."""
        ends = (min(self.rounds), self.median, max(self.rounds))
        values = ends if len(self.rounds) > 1 else ends[:1]
        return " / ".join(map(short, values)) + (f" {self.unit}" if self.unit else "")

    def as_json(self) -> dict[str, Any]:
        return {
            "part": self.part,
            "name": self.name,
            "unit": self.unit,
            "min": min(self.rounds),
            "median": self.median,
            "max": max(self.rounds),
            "rounds": list(self.rounds),
            "target": None if self.target is None else str(self.target),
            "verdict": self.verdict,
            "note": self.note,
        }


def short(value: float) -> str:
    """Write a number with the digits that mean something."""
    if value == int(value) and abs(value) < 10**6:
        return str(int(value))
    if abs(value) >= 10**SIGNIFICANT:
        return f"{value:,.0f}"
    return f"{value:.{SIGNIFICANT}g}"


def summary(figures: Sequence[Figure]) -> str:
    """Say in one line how many targets were met, and name those that were not."""
    judged = [each for each in figures if each.target is not None]
    missed = [each for each in judged if each.verdict is Verdict.MISSED]
    line = f"bench: {len(judged) - len(missed)} of {len(judged)} targets met"
    if not missed:
        return line
    names = "; ".join(f"{each.name} {each.spread} ({each.target})" for each in missed)
    return f"{line}; missed: {names}"
