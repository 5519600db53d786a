"""The part `requests` of the bench: each kind of request, beside the floor."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from statistics import median
from typing import Final

import aiohttp

from tests.bench.figures import AtMost, Figure
from tests.bench.options import Options
from tests.bench.requests.asking import Client, Run, Sample, by_turns, idling
from tests.bench.requests.kinds import Kind, Round
from tests.bench.requests.mails import mailed
from tests.bench.sides import Name, Side, both_sides, common_ground
from tests.bench.wires import FAR

PART: Final = "requests"
AT_ONCE: Final = 8
BUYERS: Final = 100  # of each kind in one round
BUYERS_FAR_AWAY: Final = 12
BUYERS_SHORT: Final = 40
WARM_UP: Final = 30  # buyers

CPU_TARGETS: Final = {Kind.CHECKOUT: AtMost(1.6), Kind.WEBHOOK: AtMost(1.5)}
TRIP_TARGETS: Final = {
    Kind.CHECKOUT: AtMost(3),
    Kind.CLASS_REP: AtMost(4),
    Kind.REPEAT: AtMost(2),
    Kind.WEBHOOK: AtMost(1),
    Kind.DUPLICATE: AtMost(2),
}
CALL_TARGETS: Final = {
    Kind.CHECKOUT: AtMost(1),
    Kind.CLASS_REP: AtMost(1),
    Kind.REPEAT: AtMost(0),
    Kind.WEBHOOK: AtMost(0),
    Kind.DUPLICATE: AtMost(0),
}
NO_MAIL: Final = (
    "without its mail, which leaves after the answer and has a figure of its own; with"
    " its line in the log and the history of the purchase, which the floor has not"
)
WITH_HISTORY: Final = (
    "with its line in the log and the history of the purchase, which the floor has not"
)
THE_MAIL: Final = "leased, its card asked of Stripe, worded, handed over, marked"
NOTES: Final = {Kind.CHECKOUT: WITH_HISTORY, Kind.WEBHOOK: NO_MAIL}

Samples = Mapping[Name, Mapping[Kind, Sequence[Sample]]]
Measure = Callable[[Sample], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How much is asked: rounds, of so many buyers, so many of them at once."""

    rounds: int
    buyers: int
    at_once: int


async def requests(options: Options) -> Sequence[Figure]:
    """Measure both side by side: near for the CPU, then far away for the trips."""
    size = BUYERS_SHORT if options.is_short else BUYERS
    near = Load(rounds=options.rounds, buyers=size, at_once=AT_ONCE)
    far = Load(
        rounds=1 if options.is_short else 2,
        buyers=min(size, BUYERS_FAR_AWAY),
        at_once=1,
    )
    # Each on ground of its own: the service reads in Stripe's events what came before.
    async with common_ground() as ground, both_sides(ground) as sides:
        await sampled(sides, Load(rounds=1, buyers=WARM_UP, at_once=AT_ONCE), "warm")
        idle = dict(zip(sides, await idling(list(sides.values())), strict=True))
        costs = await sampled(sides, near, "near", idle=idle)
        product = sides[Name.PRODUCT]
        of_mails = await mailed(product, ground.mail, idle=idle[Name.PRODUCT])
    async with common_ground() as ground, both_sides(ground, FAR) as sides:
        trips = await sampled(sides, far, "far")
    return [
        *(
            figure
            for kind in Kind
            for figure in (*cost_figures(kind, costs), *trip_figures(kind, trips))
        ),
        Figure.of(PART, "mail of a webhook, CPU", of_mails, "ms", note=THE_MAIL),
        *idle_figures(idle),
    ]


async def sampled(
    sides: Mapping[Name, Side],
    load: Load,
    tag: str,
    *,
    idle: Mapping[Name, float] | None = None,
) -> dict[Name, dict[Kind, list[Sample]]]:
    """Let both answer the same, kind by kind, taking turns at being first.

    `idle`: what each costs with nothing to do, which no request has to pay.
    """
    samples: dict[Name, dict[Kind, list[Sample]]] = {
        name: defaultdict(list) for name in sides
    }
    order = list(sides)
    async with clients(sides, idle or {}) as by_name:
        for number in range(load.rounds):
            rounds = {
                name: Round(side=side, tag=f"{tag}{number}", size=load.buyers)
                for name, side in sides.items()
            }
            for kind in Kind:
                in_order = {name: by_name[name] for name in order}
                runs = await answered(in_order, rounds, kind, at_once=load.at_once)
                for name, run in runs.items():
                    samples[name][kind].append(run.sample)
            order.reverse()
    return samples


async def answered(
    clients: Mapping[Name, Client],
    rounds: Mapping[Name, Round],
    kind: Kind,
    *,
    at_once: int,
) -> Mapping[Name, Run]:
    """Ask each what its round brings, and let the round hear the answers."""
    runs = {
        name: Run.of(client, await rounds[name].requests(kind))
        for name, client in clients.items()
    }
    await by_turns(list(runs.values()), at_once=at_once)
    for name, run in runs.items():
        rounds[name].hear(kind, run.sample.answers)
    return runs


@asynccontextmanager
async def clients(
    sides: Mapping[Name, Side], idle: Mapping[Name, float]
) -> AsyncIterator[Mapping[Name, Client]]:
    async with aiohttp.ClientSession() as http:
        yield {
            name: Client(http=http, side=side, idle=idle.get(name, 0.0))
            for name, side in sides.items()
        }


def cost_figures(kind: Kind, samples: Samples) -> Sequence[Figure]:
    """Say what a kind costs, as a ratio to the floor and as it is on this machine."""
    cpu = over_floor(kind, samples, lambda it: it.cpu_each)
    return [
        Figure.of(
            PART,
            f"{kind}, CPU over the floor",
            cpu,
            "x",
            target=CPU_TARGETS.get(kind),
            note=NOTES.get(kind, ""),
        ),
        *absolute(kind, samples, "CPU", lambda it: it.cpu_each * 1000, "ms"),
        Figure.of(
            PART,
            f"{kind}, CPU of the floor",
            [it.cpu_each * 1000 for it in samples[Name.FLOOR][kind]],
            "ms",
        ),
        *compared(kind, samples, "requests/s", lambda it: it.per_second, ""),
        *compared(kind, samples, "p50", lambda it: it.p50 * 1000, "ms"),
        *compared(kind, samples, "p99", lambda it: it.p99 * 1000, "ms"),
    ]


def idle_figures(idle: Mapping[Name, float]) -> Sequence[Figure]:
    """Say what is left out of the CPU of a request: the jobs, the heartbeats."""
    return [
        Figure.of(PART, f"idle {name}, CPU in a second", cpu * 1000, "ms")
        for name, cpu in idle.items()
    ]


def trip_figures(kind: Kind, samples: Samples) -> Sequence[Figure]:
    """Say how often the way is gone, and what that means when it is long."""
    trips = [median(it.commands) for it in samples[Name.PRODUCT][kind]]
    calls = [median(it.calls) for it in samples[Name.PRODUCT][kind]]
    return [
        Figure.of(
            PART, f"{kind}, database trips", trips, target=TRIP_TARGETS.get(kind)
        ),
        Figure.of(PART, f"{kind}, Stripe calls", calls, target=CALL_TARGETS.get(kind)),
        *compared(kind, samples, "p50 far away", lambda it: it.p50 * 1000, "ms"),
        *compared(kind, samples, "p99 far away", lambda it: it.p99 * 1000, "ms"),
    ]


def compared(
    kind: Kind, samples: Samples, name: str, measure: Measure, unit: str
) -> Sequence[Figure]:
    ratio = over_floor(kind, samples, measure)
    return [
        Figure.of(PART, f"{kind}, {name} over the floor", ratio, "x"),
        *absolute(kind, samples, name, measure, unit),
    ]


def absolute(
    kind: Kind, samples: Samples, name: str, measure: Measure, unit: str
) -> Sequence[Figure]:
    of_product = [measure(it) for it in samples[Name.PRODUCT][kind]]
    return [Figure.of(PART, f"{kind}, {name}", of_product, unit)]


def over_floor(kind: Kind, samples: Samples, measure: Measure) -> Sequence[float]:
    """Divide round by round: what disturbed one side disturbed the other, too."""
    pairs = zip(samples[Name.PRODUCT][kind], samples[Name.FLOOR][kind], strict=True)
    return [measure(product) / measure(floor) for product, floor in pairs]
