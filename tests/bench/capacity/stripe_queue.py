"""Checkouts at Stripe's limit: how long they wait, and how many are sent away.

The line is the very `Pace` of the service under a clock of ours; only the arrivals and
Stripe are made up.  Arrivals are independent of each other (exponential gaps) and do
not wait for answers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from random import Random
from typing import Final

from adapters.stripe.pace import Pace
from tests.bench.capacity.costs import STRIPES_PACE
from tests.bench.capacity.tables import Table

SEED: Final = 5
SECONDS: Final = 120.0
RATES: Final = (5, 10, 15, 20, 25, 30, 50, 100, 200)
STRIPES_LIMIT: Final = 25.0  # requests a second; a bucket of one second's
RETRIES: Final = 2
FIRST_PAUSE: Final = 0.5  # seconds, doubled, and up to half of it less


@dataclass(slots=True)
class Clock:
    """Seconds that only the simulation moves."""

    at: float = 0.0

    def __call__(self) -> float:
        return self.at


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What became of those who came in so many seconds."""

    seconds: float
    came: int = 0
    shed: int = 0
    waits: list[float] = field(default_factory=list)

    @property
    def goodput(self) -> float:
        return len(self.waits) / self.seconds

    @property
    def shed_share(self) -> float:
        return self.shed / self.came

    def wait(self, share: float) -> float:
        """Return within how many seconds this share of the served was served."""
        ordered = sorted(self.waits)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def arrivals(rate: float, seconds: float, *, seed: int = SEED) -> Iterator[float]:
    random, at = Random(seed), 0.0
    while (at := at + random.expovariate(rate)) < seconds:
        yield at


def in_line(rate: float, *, pace: float, seconds: float = SECONDS) -> Outcome:
    """Let buyers come at a rate and stand in the line of one process."""
    clock, outcome = Clock(), Outcome(seconds=seconds)
    line = Pace(pace, now=clock)
    for came_at in arrivals(rate, seconds):
        _call_until(line, clock, came_at)
        outcome.came += 1
        turn = line.arrive(is_job=False)
        if turn is None:
            outcome.shed += 1
        elif turn.has_come:
            outcome.waits.append(0.0)
        else:
            turn.call = lambda at=came_at: outcome.waits.append(clock.at - at)  # type: ignore[misc]
    _call_until(line, clock, seconds)
    return outcome


def _call_until(line: Pace, clock: Clock, until: float) -> None:
    """Let time pass, and call each whose turn comes when it comes."""
    while (wait := line.call_due()) is not None and clock.at + wait <= until:
        clock.at += max(wait, 1e-6)
    clock.at = until


def without_a_line(rate: float, *, seconds: float = SECONDS) -> tuple[float, float]:
    """Ask at once and retry each on its own.

    Returns:
        How many a second were served, and how many requests a second Stripe refused.
    """
    random = Random(SEED)
    asked = [(at, 0) for at in arrivals(rate, seconds)]
    left, last, served, refused = STRIPES_LIMIT, 0.0, 0, 0
    while asked:
        at, tries = heappop(asked)
        left, last = min(STRIPES_LIMIT, left + (at - last) * STRIPES_LIMIT), at
        if left >= 1:
            left, served = left - 1, served + 1
            continue
        refused += 1
        if tries < RETRIES:
            pause = FIRST_PAUSE * 2**tries * (1 - random.random() / 2)
            heappush(asked, (at + pause, tries + 1))
    return served / seconds, refused / seconds


def line_table(rates: Sequence[float] = RATES) -> Table:
    rows = []
    for rate in rates:
        of_us = in_line(rate, pace=STRIPES_PACE)
        served, refused = without_a_line(rate)
        rows.append(
            (
                rate,
                of_us.goodput,
                of_us.wait(0.5),
                of_us.wait(0.99),
                f"{of_us.shed_share:.0%}",
                served,
                refused,
            )
        )
    return Table(
        title="Checkouts a second, and what becomes of them",
        basis=f"simulated, {SECONDS:.0f} s each, seed {SEED}",
        head=(
            "come",
            "served",
            "wait p50, s",
            "wait p99, s",
            "sent away",
            "served without a line",
            "refused by Stripe without a line",
        ),
        rows=rows,
    )
