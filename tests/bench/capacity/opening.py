"""A sale opens: everybody comes at once, for ten spots or for any place.

Each checkout first takes its turn on the cores of the service; who gets a spot, or
wants none, then stands in the line to Stripe.  Who is sent away comes back as told.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from random import Random
from typing import Final

from adapters.stripe.pace import Pace
from tests.bench.capacity.costs import STARTER, STRIPES_PACE, Costs
from tests.bench.capacity.stripe_queue import SEED, Clock
from tests.bench.capacity.tables import Table

BUYERS: Final = 1_000
SPOTS: Final = 10
WITHIN: Final = 10.0  # seconds in which all of them click
TICK: Final = 0.001
END: Final = 600.0
COME_BACK_AFTER: Final = (1, 2, 3, 4)  # seconds; what `Retry-After` says


@dataclass(slots=True, kw_only=True)
class Opening:
    """How it went."""

    requests: int = 0
    refused: int = 0  # no spot was left
    sent_away: int = 0  # told to come back
    ends: list[float] = field(default_factory=list)  # since the buyer's first click
    last_at: float = 0.0

    def within(self, share: float) -> float:
        return sorted(self.ends)[int(share * (len(self.ends) - 1))]


class Sale:
    """One opening, under a clock that ticks by the millisecond where all wait."""

    def __init__(self, *, spots: int | None, cores: float, milliseconds: float) -> None:
        self._clock = Clock()
        self._line = Pace(STRIPES_PACE, now=self._clock)
        self._spots = spots
        self._work = milliseconds / 1000 / cores
        self._free_at = 0.0
        self._random = Random(SEED)
        self.told = Opening()

    def play(self) -> Opening:
        clicks = sorted(self._random.uniform(0, WITHIN) for _ in range(BUYERS))
        agenda = [(at, number, at, False) for number, at in enumerate(clicks)]
        while agenda or self._line.waiting(is_job=False):
            self._tick(agenda[0][0] if agenda else END)
            while agenda and agenda[0][0] <= self._clock.at:
                at, number, first_at, is_worked = heappop(agenda)
                if is_worked:
                    self._arrive(agenda, number, first_at)
                else:
                    self.told.requests += 1
                    self._free_at = max(self._free_at, at) + self._work
                    heappush(agenda, (self._free_at, number, first_at, True))
        return self.told

    def _tick(self, until: float) -> None:
        wait = self._line.call_due()
        step = (
            until - self._clock.at
            if wait is None
            else min(wait, until - self._clock.at)
        )
        self._clock.at += max(step, TICK)

    def _arrive(
        self, agenda: list[tuple[float, int, float, bool]], number: int, first_at: float
    ) -> None:
        if self._spots == 0:
            self.told.refused += 1
            self._end(first_at)
            return
        turn = self._line.arrive(is_job=False)
        if turn is None:
            self.told.sent_away += 1
            later = self._clock.at + self._random.choice(COME_BACK_AFTER)
            heappush(agenda, (later, number, first_at, False))
            return
        if self._spots is not None:
            self._spots -= 1
        if turn.has_come:
            self._end(first_at)
        else:
            turn.call = lambda: self._end(first_at)

    def _end(self, first_at: float) -> None:
        self.told.ends.append(self._clock.at - first_at)
        self.told.last_at = self._clock.at


def opening_table(costs: Costs) -> Table:
    cases: Sequence[tuple[str, int | None, float, float]] = (
        ("10 spots, a starter instance", SPOTS, STARTER, costs.class_rep),
        ("10 spots, two cores", SPOTS, 2.0, costs.class_rep),
        ("any place, a starter instance", None, STARTER, costs.checkout),
        ("any place, two cores", None, 2.0, costs.checkout),
    )
    rows = []
    for name, spots, cores, cpu in cases:
        told = Sale(spots=spots, cores=cores, milliseconds=cpu).play()
        rows.append(
            (
                name,
                len(told.ends) - told.refused,
                told.refused,
                told.sent_away,
                told.within(0.5),
                told.within(0.99),
                told.last_at,
            )
        )
    return Table(
        title=f"{BUYERS:,} buyers within {WITHIN:.0f} seconds",
        basis=f"simulated, seed {SEED}; CPU measured",
        head=(
            "what they want, where",
            "pages",
            "none left",
            "told to come back",
            "answer p50, s",
            "answer p99, s",
            "last answer, s",
        ),
        rows=rows,
    )
