"""The part `growth` of the bench: the same requests over more and more of a past."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

import psutil

from tests.bench.figures import AtMost, Figure, Target, short
from tests.bench.growth.errands import Kind
from tests.bench.growth.measuring import Cost, Costs, counter
from tests.bench.growth.store import Store, store_of
from tests.bench.options import Options
from tests.bench.processes import resident_mib

PART: Final = "growth"
NUMBERS: Final = (100, 10_000, 100_000)
NUMBERS_SHORT: Final = (100, 2_000)
HOLDERS: Final = (10, 1_000, 10_000, 49_900)
HOLDERS_SHORT: Final = (10, 1_000)
SIZE: Final = 12
COUNTED: Final = 4
SIZE_SHORT: Final = 6
OF_SPOTS: Final = (Kind.CLASS_REP, Kind.CANCEL)
JUDGED: Final = 10_000  # spots; of more nothing was promised
FLAT: Final = AtMost(1.2)
NEARLY_FLAT: Final = AtMost(1.5)
# Our side is dearer after a wait, and the embedded server lets us wait by how much it
# reads.  Of the same 100 purchases a program's page takes 2.0 ms of CPU when asked for
# at once, and 3.9 ms when each reply takes 100 ms more; at 100,000 it takes 3.7 and
# 4.3 ms.  So of a kind that is kept waiting by more and more, that is judged which it
# costs when replies take as long over all sizes.
PACED: Final = (Kind.BY_PROGRAM,)
PACE: Final = 0.15  # seconds, which the slowest look at 100,000 takes, too
PACE_SHORT: Final = 0.03
STAND_IN: Final = (
    "in process, Stripe in memory; our side is dearer after a wait, and the embedded"
    " server makes us wait: a page of the same rows took 2x when replies took 100 ms"
)
WHY: Final = {
    Kind.DAY: "; the smallest has 100 purchases of that day, the others 137",
    Kind.BY_PROGRAM: "; it fetches all of the program, then sorts and cuts off what it"
    " shows, and again to count; by_program_and_age has the page in order, for a"
    " MongoDB, which counts keys, 10,000 at most",
}
# Measured once, and left out: an admin's page without any filter.  The embedded server
# reads all 100,000 for it (26 s), which MongoDB has an index in that order for.

# By size, one for each round.
Rounds = Mapping[int, Sequence[Costs]]
Measure = Callable[[Cost], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """All rounds of one size after the other, the trips of each, and our memory."""

    costs: Rounds
    trips: Mapping[int, Costs]
    memory: Mapping[int, float]
    paced: Rounds = field(default_factory=dict)


async def growth(options: Options) -> Sequence[Figure]:
    numbers = NUMBERS_SHORT if options.is_short else NUMBERS
    holders = HOLDERS_SHORT if options.is_short else HOLDERS
    async with store_of(numbers) as store:
        past = await over_sizes(store, options)
        spots = await over_spots(store, holders, options)
    return [*figures_of_past(past), *figures_of_spots(spots)]


async def over_sizes(store: Store, options: Options) -> Measured:
    """Measure every kind over every size, round by round, in turning order."""
    size, pace = (SIZE_SHORT, PACE_SHORT) if options.is_short else (SIZE, PACE)
    costs: dict[int, list[Costs]] = defaultdict(list)
    paced: dict[int, list[Costs]] = defaultdict(list)
    trips: dict[int, Costs] = {}
    memory: dict[int, float] = {}
    order = list(store.sizes)
    for _ in range(options.rounds):
        for stocked in order:
            async with counter(store, stocked, list(Kind)) as at:
                costs[stocked.number].append(await at.costs(size))
                paced[stocked.number].append(await at.paced(size, PACED, pace=pace))
                if stocked.number not in trips:
                    trips[stocked.number] = await at.trips(min(size, COUNTED))
                    memory[stocked.number] = resident_mib(psutil.Process().pid)
        order.reverse()
    return Measured(costs=costs, trips=trips, memory=memory, paced=paced)


async def over_spots(
    store: Store, holders: Sequence[int], options: Options
) -> Measured:
    """Take spots and give them back in programs that have so many taken already."""
    size = SIZE_SHORT if options.is_short else SIZE
    costs: dict[int, list[Costs]] = defaultdict(list)
    trips: dict[int, Costs] = {}
    order = list(holders)
    for _ in range(options.rounds):
        for number in order:
            async with counter(store, store.sizes[0], OF_SPOTS, holders=number) as at:
                costs[number].append(await at.costs(size))
                if number not in trips:
                    trips[number] = await at.trips(min(size, COUNTED))
        order.reverse()
    return Measured(costs=costs, trips=trips, memory={})


def figures_of_past(of: Measured) -> Iterator[Figure]:
    last = max(of.costs)
    for kind in Kind:
        yield from grown(of, kind, last, of_what="purchases", target=FLAT)
    yield from (as_long_a_wait(of, kind, last) for kind in PACED)
    first, *_ = of.memory
    yield Figure.of(
        PART,
        f"memory, {first:,} -> {last:,} purchases",
        of.memory[last] - of.memory[first],
        "MiB",
        note=f"resident: {listed(of.memory)} MiB; one process, the small one first",
    )


def as_long_a_wait(of: Measured, kind: Kind, last: int) -> Figure:
    """Judge what our side costs when nobody has to wait longer for a reply."""
    return Figure.of(
        PART,
        f"{kind}, {min(of.paced):,} -> {last:,} purchases: CPU, as long a wait",
        ratios(of.paced, kind, last, lambda cost: cost.cpu),
        "x",
        target=FLAT,
        note=f"{milliseconds(of.paced, kind, lambda it: it.cpu)};"
        " each reply takes as long over all sizes, or the server takes longer",
    )


def figures_of_spots(of: Measured) -> Iterator[Figure]:
    _, *more = sorted(of.costs)
    for kind in OF_SPOTS:
        for number in more:
            target = NEARLY_FLAT if number <= JUDGED else None
            yield from grown(of, kind, number, of_what="spots", target=target)


def grown(
    of: Measured, kind: Kind, last: int, *, of_what: str, target: Target | None
) -> Iterator[Figure]:
    """Compare the smallest with one that is larger, round by round."""
    first = min(of.costs)
    name = f"{kind}, {first:,} -> {last:,} {of_what}"
    small, large = of.trips[first][kind], of.trips[last][kind]
    yield Figure.of(
        PART,
        f"{name}: CPU",
        ratios(of.costs, kind, last, lambda cost: cost.cpu),
        "x",
        target=None if kind in PACED else target,  # but see `as_long_a_wait`
        note=f"{milliseconds(of.costs, kind, lambda it: it.cpu)}; {STAND_IN}",
    )
    yield Figure.of(
        PART,
        f"{name}: trips",
        large.trips / small.trips,
        "x",
        target=target,
        note=f"{short(small.trips)} and {short(large.trips)} trips,"
        f" {short(small.reply_bytes)} and {short(large.reply_bytes)} bytes of replies",
    )
    yield Figure.of(
        PART,
        f"{name}: the database's CPU",
        ratios(of.costs, kind, last, lambda cost: cost.server_cpu),
        "x",
        note=f"{milliseconds(of.costs, kind, lambda it: it.server_cpu)};"
        f" of the embedded server, which is not MongoDB{WHY.get(kind, '')}",
    )


def ratios(of: Rounds, kind: Kind, last: int, measure: Measure) -> list[float]:
    pairs = zip(of[min(of)], of[last], strict=True)
    return [measure(large[kind]) / measure(small[kind]) for small, large in pairs]


def milliseconds(of: Rounds, kind: Kind, measure: Measure) -> str:
    return "ms: " + listed(
        {
            number: 1000 * median(measure(costs[kind]) for costs in rounds)
            for number, rounds in sorted(of.items())
        }
    )


def listed(values: Mapping[int, float]) -> str:
    return ", ".join(f"{number:,}: {short(value)}" for number, value in values.items())
