"""The part `growth` of the bench: the same requests over more and more of a past."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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
# A program's page of the same 100 purchases takes 2.0 ms of CPU when asked for at once,
# 3.2 ms after 20 ms without work and 3.5 ms after 200 ms.
STAND_IN: Final = (
    "in process, Stripe in memory; our side is dearer after a wait, and the embedded"
    " server makes us wait: a page of the same rows took 1.6x after 20 ms without work"
)
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


async def growth(options: Options) -> Sequence[Figure]:
    numbers = NUMBERS_SHORT if options.is_short else NUMBERS
    holders = HOLDERS_SHORT if options.is_short else HOLDERS
    async with store_of(numbers) as store:
        past = await over_sizes(store, options)
        spots = await over_spots(store, holders, options)
    return [*figures_of_past(past), *figures_of_spots(spots)]


async def over_sizes(store: Store, options: Options) -> Measured:
    """Measure every kind over every size, round by round, in turning order."""
    size = SIZE_SHORT if options.is_short else SIZE
    costs: dict[int, list[Costs]] = defaultdict(list)
    trips: dict[int, Costs] = {}
    memory: dict[int, float] = {}
    order = list(store.sizes)
    for _ in range(options.rounds):
        for stocked in order:
            async with counter(store, stocked, list(Kind)) as at:
                costs[stocked.number].append(await at.costs(size))
                if stocked.number not in trips:
                    trips[stocked.number] = await at.trips(min(size, COUNTED))
                    memory[stocked.number] = resident_mib(psutil.Process().pid)
        order.reverse()
    return Measured(costs=costs, trips=trips, memory=memory)


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
    first, *_ = of.memory
    yield Figure.of(
        PART,
        f"memory, {first:,} -> {last:,} purchases",
        of.memory[last] - of.memory[first],
        "MiB",
        note=f"resident: {listed(of.memory)} MiB; one process, the small one first",
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
        ratios(of, kind, last, lambda cost: cost.cpu),
        "x",
        target=target,
        note=f"{milliseconds(of, kind, lambda it: it.cpu)}; {STAND_IN}",
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
        ratios(of, kind, last, lambda cost: cost.server_cpu),
        "x",
        note=f"{milliseconds(of, kind, lambda it: it.server_cpu)};"
        " of the embedded server, which is not MongoDB",
    )


def ratios(of: Measured, kind: Kind, last: int, measure: Measure) -> list[float]:
    pairs = zip(of.costs[min(of.costs)], of.costs[last], strict=True)
    return [measure(large[kind]) / measure(small[kind]) for small, large in pairs]


def milliseconds(of: Measured, kind: Kind, measure: Measure) -> str:
    return "ms: " + listed(
        {
            number: 1000 * median(measure(costs[kind]) for costs in rounds)
            for number, rounds in sorted(of.costs.items())
        }
    )


def listed(values: Mapping[int, float]) -> str:
    return ", ".join(f"{number:,}: {short(value)}" for number, value in values.items())
