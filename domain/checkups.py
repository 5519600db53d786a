"""What looking at one thing that the service rests on has shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class Verdict(StrEnum):
    FINE = "fine"
    WARNING = "warning"  # it works, and may surprise somebody
    BROKEN = "broken"
    UNSEEN = "unseen"  # nothing is known: what would tell did not answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkup:
    """One line of what `spothold doctor` says.

    `said` claims no more than was seen, and names no secret; `next_step` is there
    unless all is fine.
    """

    name: str
    verdict: Verdict
    said: str
    next_step: str | None = None

    @classmethod
    def fine(cls, name: str, said: str) -> Self:
        return cls(name=name, verdict=Verdict.FINE, said=said)

    @classmethod
    def warning(cls, name: str, said: str, next_step: str) -> Self:
        return cls(name=name, verdict=Verdict.WARNING, said=said, next_step=next_step)

    @classmethod
    def broken(cls, name: str, said: str, next_step: str) -> Self:
        return cls(name=name, verdict=Verdict.BROKEN, said=said, next_step=next_step)

    @classmethod
    def unseen(cls, name: str, said: str) -> Self:
        return cls(
            name=name,
            verdict=Verdict.UNSEEN,
            said=said,
            next_step="Mend what is broken above, and look again.",
        )


def overall(checkups: Iterable[Checkup]) -> Verdict:
    """Return the worst: broken before unseen, for that one says where to begin."""
    found = {each.verdict for each in checkups}
    worst_first = (Verdict.BROKEN, Verdict.UNSEEN, Verdict.WARNING)
    return next((each for each in worst_first if each in found), Verdict.FINE)
