"""The part `many` of the bench: 1, 2 and 4 service processes behind nginx.

One crew at a time: it starts on a database of its own, sells until nothing is under way
any more, mails neither, and is gone before the next one starts.
"""

import logging
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from adapters.embedded_mongo.server import EmbeddedMongo, embedded_mongo
from tests.bench.figures import AtMost, Figure
from tests.bench.many.crew import Run, crew_of
from tests.bench.options import Options

PART: Final = "many"
SIZES: Final = (1, 2, 4)
VISITS: Final = 100  # of each crew in each round
VISITS_SHORT: Final = 20
REST: Final = 15.0  # seconds after each, in which most jobs have a turn
REST_SHORT: Final = 3.0
ROUNDS_SHORT: Final = 2  # at most: each starts seven services
WARM_UP: Final = 5  # visits for each instance: connections, and what is made once
RATE_NOTE: Final = (
    "buyers with Stripe's simulator, and the embedded database, are one process and one"
    " GIL each, and all share the cores of this machine: where those are full, another"
    " service adds nothing, which says nothing of one that brings a core of its own"
)
CPU_NOTE: Final = (
    "flat, if instances cost each other nothing, whoever else has the cores; it is"
    " without the jobs that each has anyhow, which are of a second and of no request"
)
CORE_NOTE: Final = (
    "reckoned from the CPU per request, not measured: if neither the database nor the"
    " buyers were in the way"
)


async def many(options: Options) -> Sequence[Figure]:
    """Let crews of each size sell by turns, and compare them round by round."""
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    visits, rest = (VISITS_SHORT, REST_SHORT) if options.is_short else (VISITS, REST)
    rounds = min(options.rounds, ROUNDS_SHORT) if options.is_short else options.rounds
    runs: dict[int, list[Run]] = {size: [] for size in SIZES}
    with tempfile.TemporaryDirectory(prefix="spothold-many-") as name:
        async with embedded_mongo(Path(name)) as mongo:
            for number in range(rounds):
                for size in SIZES if number % 2 == 0 else reversed(SIZES):
                    runs[size].append(await run_of(size, visits, rest, mongo))
    return list(figures(runs))


async def run_of(size: int, visits: int, rest: float, mongo: EmbeddedMongo) -> Run:
    """Bring a crew, warm, and let it sell."""
    async with crew_of(size, mongo) as crew:
        await crew.run(WARM_UP * size)
        return await crew.run(visits, rest=rest)


def figures(runs: Mapping[int, Sequence[Run]]) -> Iterator[Figure]:
    """Say of each size what it did, and of each beyond one what it added."""
    for size, of_size in runs.items():
        yield from _of_one_size(_named(size), size, of_size)
    for size, of_size in runs.items():
        if size > 1:
            pairs = list(zip(of_size, runs[1], strict=True))
            yield from _beside_one(_named(size), size, pairs)
    errors = sum(run.errors for of_size in runs.values() for run in of_size)
    yield Figure.of(PART, "errors", errors, target=AtMost(0))


def _named(size: int) -> str:
    return "1 instance" if size == 1 else f"{size} instances"


def _of_one_size(name: str, size: int, runs: Sequence[Run]) -> Iterator[Figure]:
    rate = [run.per_second for run in runs]
    yield Figure.of(PART, f"requests/s, {name}", rate, "/s")
    for who in runs[0].cpu:
        cpu = [run.per_request(who) for run in runs]
        yield Figure.of(PART, f"CPU per request of {who}, {name}", cpu, "ms")
    resting = [run.resting * 1000 / size for run in runs]
    what = f"CPU of an instance at rest, {name}"
    yield Figure.of(PART, what, resting, "ms/s")
    yield Figure.of(PART, f"cores busy, {name}", [run.cores for run in runs])
    delayed = [run.delayed for run in runs]
    yield Figure.of(PART, f"services' time without a core, {name}", delayed)
    alone = [size * 1000 / run.beyond_rest for run in runs]
    what = f"requests/s with a core for each, {name}"
    yield Figure.of(PART, what, alone, "/s", note=CORE_NOTE)


def _beside_one(
    name: str, size: int, pairs: Sequence[tuple[Run, Run]]
) -> Iterator[Figure]:
    """Compare within each round."""
    added = [(run.per_second - one.per_second) / (size - 1) for run, one in pairs]
    what = f"requests/s that each further process adds, {name}"
    yield Figure.of(PART, what, added, "/s", note=RATE_NOTE)
    gains = [run.per_second / one.per_second for run, one in pairs]
    yield Figure.of(PART, f"throughput over 1 instance, {name}", gains, "x")
    costs = [run.beyond_rest / one.beyond_rest for run, one in pairs]
    what = f"services' CPU per request over 1 instance, {name}"
    yield Figure.of(PART, what, costs, "x", note=CPU_NOTE)
