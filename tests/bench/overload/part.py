"""As many as can be served, twice and five times as many, and a rush on Stripe."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from entrypoints.overload_settings import OverloadSettings
from tests.bench.figures import AtLeast, AtMost, Figure
from tests.bench.options import Options
from tests.bench.overload.crowds import (
    LOOK,
    MONEY,
    OK,
    UNAVAILABLE,
    WEBHOOK,
    Outcome,
    Town,
    generated,
    of_the_mix,
)
from tests.bench.overload.generator import Answer, Load
from tests.bench.sides import Ground, Name, common_ground, offer, production
from tests.servers.service import ServiceProcess, free_port

PART: Final = "overload"
TIMES: Final = (1, 2, 5)
GUARDED: Final = {
    name.upper(): str(it.default)
    for name, it in OverloadSettings.model_fields.items()
    if name.startswith("requests_")
}
OPEN: Final = {"REQUESTS_AT_WORK": "1000", "REQUESTS_WAITING": "0"}
# A fifth of the real numbers, 20 and 25: a machine that also plays Stripe and the
# database may be too slow to run into those.
PACED: Final = {"STRIPE_REQUESTS_PER_SECOND": "4"}
STRIPE_TAKES: Final = 5  # a second
RUSH: Final = 100  # checkouts at once
NOTE: Final = (
    "one machine serves, asks and plays Stripe and the database: capacity is measured "
    "before each round, and the neighbours do not hold still in between"
)


@dataclass(kw_only=True)
class Rounds:
    """What each round showed, by how many times the capacity came."""

    goodput: dict[int, list[float]] = field(
        default_factory=lambda: {t: [] for t in TIMES}
    )
    webhooks: list[float] = field(default_factory=list)
    refused_ms: list[float] = field(default_factory=list)
    late_ms: list[float] = field(default_factory=list)
    unguarded: list[float] = field(default_factory=list)
    capacity: list[float] = field(default_factory=list)

    def note(self, times: int, of: Outcome, goodput: float) -> None:
        self.goodput[times].append(goodput)
        if times == max(TIMES):
            self.webhooks.append(of.share(WEBHOOK))
            self.refused_ms.append(of.refused_ms)
            self.late_ms.append(of.late_ms)


async def overload(options: Options) -> Sequence[Figure]:
    rounds, number = Rounds(), 1 if options.is_short else min(options.rounds, 3)
    seconds = 4.0 if options.is_short else 8.0
    async with common_ground() as ground:
        async with (
            served(ground, "guarded", **GUARDED) as guarded,
            served(ground, "open", **OPEN) as unguarded,
        ):
            for _ in range(number):
                await one_round(guarded, rounds, seconds=seconds)
                await control(unguarded, rounds, seconds=seconds)
        paced = await rush(ground, "paced", **PACED)
        storm = await rush(ground, "storm")
    return [*crowd_figures(rounds), *rush_figures(paced, storm)]


@asynccontextmanager
async def served(ground: Ground, name: str, **more: str) -> AsyncIterator[Town]:
    """Run a service on a database of its own, with a town around it."""
    database = f"overload_{name}"
    await offer(ground.mongodb_uri, database, Name.PRODUCT)
    environment = {**production(ground, ground.wires, database), **more}
    log = ground.folder / f"{database}.log"
    service = ServiceProcess(port=free_port(), environment=environment, log=log)
    try:
        await service.start()
        yield await Town.around(ground, service)
    finally:
        service.kill()


async def measured(town: Town, *, seconds: float) -> dict[str, float]:
    return {
        kind: await town.capacity(kind, seconds=seconds / 4)
        for kind in (LOOK, MONEY, WEBHOOK)
    }


async def one_round(town: Town, rounds: Rounds, *, seconds: float) -> None:
    capacities = await measured(town, seconds=seconds)
    most = of_the_mix(capacities)
    rounds.capacity.append(most)
    for times in TIMES:
        outcome = await town.crowd(times * most, seconds=seconds)
        rounds.note(times, outcome, outcome.goodput(capacities))


async def control(town: Town, rounds: Rounds, *, seconds: float) -> None:
    """Let the largest crowd come where nobody is sent away."""
    capacities = await measured(town, seconds=seconds)
    times = max(TIMES)
    outcome = await town.crowd(times * of_the_mix(capacities), seconds=seconds)
    rounds.unguarded.append(outcome.goodput(capacities))


@dataclass(frozen=True, kw_only=True)
class Rush:
    """What came of many checkouts at once where Stripe takes few a second."""

    answers: Sequence[Answer]
    refused_by_stripe: int

    @property
    def bought(self) -> int:
        return sum(answer.status == OK for answer in self.answers)

    @property
    def told_when(self) -> int:
        return sum(
            answer.status == UNAVAILABLE and answer.has_retry_after
            for answer in self.answers
        )


async def rush(ground: Ground, name: str, **more: str) -> Rush:
    async with served(ground, name, **more) as town:
        before = await refusals(ground)
        await ground.stripe.limit_rate(STRIPE_TAKES)
        asks = town.asks([MONEY], RUSH)
        # All of them within a moment: none waits for another's answer.
        load = Load(asks=asks, seconds=0.5, per_second=RUSH / 0.5)
        answers = await generated(load)
        await ground.stripe.limit_rate(0)
        return Rush(answers=answers, refused_by_stripe=await refusals(ground) - before)


async def refusals(ground: Ground) -> int:
    requests = await ground.stripe.requests()
    return sum(request["status"] == 429 for request in requests)


def crowd_figures(rounds: Rounds) -> list[Figure]:
    usual = rounds.goodput[1]
    twice, five_times = (
        [many / one for many, one in zip(rounds.goodput[times], usual, strict=True)]
        for times in TIMES[1:]
    )
    of = Figure.of
    return [
        of(PART, "capacity, requests of the mix", rounds.capacity, "/s", note=NOTE),
        of(PART, "goodput at 1x, of capacity", usual, "x"),
        of(PART, "goodput at 2x, of that at 1x", twice, "x"),
        of(PART, "goodput at 5x, of that at 1x", five_times, "x", target=AtLeast(0.8)),
        of(PART, "webhooks done at 5x", rounds.webhooks, target=AtLeast(0.99)),
        of(PART, "refused after, at 5x", rounds.refused_ms, "ms"),
        of(
            PART,
            "asked too late, at 5x",
            rounds.late_ms,
            "ms",
            note="by the generator: beyond 100 ms it was short of processor itself, "
            "and what it says of times, and so of webhooks in time, is about it",
        ),
        of(
            PART,
            "goodput at 5x without the door, of capacity",
            rounds.unguarded,
            "x",
            note="the control: the same crowd, and a thousand may work at once",
        ),
    ]


def rush_figures(paced: Rush, storm: Rush) -> list[Figure]:
    unanswered = len(paced.answers) - paced.bought - paced.told_when
    rush = f"{RUSH} checkouts at once, Stripe takes {STRIPE_TAKES}/s"
    of = Figure.of
    return [
        of(PART, f"{rush}: refused by it", paced.refused_by_stripe, target=AtMost(10)),
        of(PART, f"{rush}: neither bought nor told when", unanswered, target=AtMost(0)),
        of(PART, f"{rush}: bought", paced.bought),
        of(
            PART,
            f"{rush}: refused by it without our pace",
            storm.refused_by_stripe,
            note=f"the control: {storm.bought} of them bought",
        ),
    ]
