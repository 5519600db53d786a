"""Many stories, one after the other, and what they saw in all."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from entrypoints.simulation.odds import EVERY_FAULT, Fault
from entrypoints.simulation.story import Ending, Story
from entrypoints.simulation.world import Parts

# What has to happen sometimes, or the stories are too tame to prove anything.
SOMETIMES: Final = (
    *(
        f"became {status}"
        for status in (
            "pending",
            "closing",
            "completed",
            "closed",
            "refunding",
            "refunded",
        )
    ),
    *(
        f"{fault} {when}"
        for fault in ("unknown", "delay", "hang up", "crash")
        for when in ("before", "after")
    ),
    "admin part",
    "admin refund",
    "cancel",
    "click twice",
    "dashboard part",
    "dashboard refund",
    "delayed payment came",
    "delayed payment failed",
    "dispute",
    "dispute lost",
    "dispute lost in part",
    "dispute prevented",
    "dispute warning_closed",
    "dispute won",
    "doubled event",
    "full",
    "inquiry",
    "late money",
    "lost call",
    "lost event",
    "pay and cancel",
    "program changed",
    "refund arrived",
    "refund canceled",
    "refund failed",
    "refund failed after success",
    "refund refused",
    "refunded by dispute",
    "refunds down",
    "reordered event",
    "rogue money",
    "saved 500",
    "write too late",
)


@dataclass(slots=True, kw_only=True)
class Findings:
    """What a number of stories amounted to."""

    stories: int = 0
    steps: int = 0
    seen: Counter[str] = field(default_factory=Counter)
    bad: list[Ending] = field(default_factory=list)

    def add(self, ending: Ending) -> None:
        self.stories += 1
        self.steps += ending.steps
        self.seen += ending.seen
        if ending.complaint is not None:
            self.bad.append(ending)

    @property
    def never_seen(self) -> list[str]:
        """Return what should have happened sometimes and did not."""
        return [what for what in SOMETIMES if not self.seen[what]]


def stories(
    seeds: Iterable[int],
    *,
    faults: frozenset[Fault] = EVERY_FAULT,
    parts: Parts | None = None,
) -> Iterator[Ending]:
    """Play one story after the other."""
    for seed in seeds:
        yield Story(seed, faults=faults, parts=parts).play()


def how_to_repeat(ending: Ending, faults: frozenset[Fault] = EVERY_FAULT) -> str:
    """Return the one line that shows a bad ending again."""
    named = "".join(f" --faults {fault}" for fault in sorted(EVERY_FAULT & faults))
    chosen = "" if faults == EVERY_FAULT else named
    return (
        f"{ending.complaint}\n  spothold simulate"
        f" --first-seed {ending.seed} --seeds 1{chosen}"
    )
