"""What is held against npm async-lock, and how much of its speed is promised."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Final

from tests.bench.figures import AtLeast
from tests.bench.lock.contenders import Contender
from tests.bench.lock.measures import COUNTS, WARM_UP, Measure

PROMISED: Final[Mapping[Measure, AtLeast]] = {
    Measure.UNCONTENDED: AtLeast(0.4),
    Measure.HAND_OFF: AtLeast(0.45),
    Measure.CHURN: AtLeast(0.2),
}
# Each turn asks Redis several times, so fewer of them say as much.
REMOTE_COUNTS: Final[Mapping[Measure, int]] = {
    Measure.UNCONTENDED: 1_000,
    Measure.HAND_OFF: 100,
    Measure.CHURN: 1_000,
}
WARMED_UP: Final[Mapping[Measure, int]] = {
    Measure.UNCONTENDED: 100_000,
    Measure.HAND_OFF: 20_000,
    Measure.CHURN: 50_000,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One lock, one measure, one way to run it.

    Args:
        is_armed: each wait is bounded; ours is in any case.
        is_plain: on asyncio's own loop instead of uvloop, on which the service runs.
        is_warm: after so many turns that V8 has compiled all it will.
    """

    contender: Contender
    measure: Measure
    is_armed: bool = False
    is_plain: bool = False
    is_warm: bool = False

    @property
    def name(self) -> str:
        loop = "asyncio" if self.is_plain else "uvloop"
        extras = ", armed" * self.is_armed + ", warmed up" * self.is_warm
        return f"{self.contender} ({loop}), {self.measure}{extras}"

    @property
    def count(self) -> int:
        counts = REMOTE_COUNTS if self.contender.is_remote else COUNTS
        return (WARMED_UP if self.is_warm else counts)[self.measure]

    @property
    def peer_count(self) -> int:
        return (WARMED_UP if self.is_warm else COUNTS)[self.measure]

    @property
    def warm_up(self) -> int:
        return WARMED_UP[self.measure] if self.is_warm else WARM_UP

    @property
    def target(self) -> AtLeast | None:
        is_promised = self.contender is Contender.OURS
        if not is_promised or self.is_plain or self.is_warm:
            return None
        return PROMISED[self.measure]

    def command(self, *, redis_url: str) -> list[str]:
        """Return what runs it in a process of its own."""
        what = [self.contender, self.measure, str(self.count)]
        flags = ["--armed"] * self.is_armed + ["--plain-asyncio"] * self.is_plain
        rest = ["--warm-up", str(self.warm_up), "--redis-url", redis_url]
        return [sys.executable, "-m", "tests.bench.lock.worker", *what, *flags, *rest]


def cases(*, is_short: bool, has_redis: bool) -> Iterator[Case]:
    """Name them in the order in which each round goes through them."""
    for measure, is_armed in product(Measure, (False, True)):
        yield Case(contender=Contender.OURS, measure=measure, is_armed=is_armed)
    if is_short:
        return
    for measure in Measure:
        yield Case(contender=Contender.OURS, measure=measure, is_warm=True)
        yield Case(contender=Contender.OURS, measure=measure, is_plain=True)
    for contender, measure, is_armed in product(Contender, Measure, (False, True)):
        is_other = contender is not Contender.OURS and not contender.is_remote
        if is_other or (contender.is_remote and has_redis and is_armed):
            yield Case(contender=contender, measure=measure, is_armed=is_armed)
