"""The part `many` of the bench: 1, 2 and 4 service processes behind nginx."""

import logging
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

from adapters.embedded_mongo.server import embedded_mongo
from tests.bench.figures import AtMost, Figure
from tests.bench.many.crew import Crew, Run, crew_of
from tests.bench.options import Options

PART: Final = "many"
SIZES: Final = (1, 2, 4)
SIZES_SHORT: Final = (1, 2)
VISITS: Final = 100  # of each crew in each round
VISITS_SHORT: Final = 10
NOTE: Final = (
    "the embedded database is one process that holds one GIL, the buyers with Stripe's"
    " simulator are another, and both have their share of the same cores: where the"
    " database or the cores are full, another service adds nothing"
)


async def many(options: Options) -> Sequence[Figure]:
    """Let crews of each size sell by turns, and compare them round by round."""
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    sizes = SIZES_SHORT if options.is_short else SIZES
    visits = VISITS_SHORT if options.is_short else VISITS
    runs: dict[int, list[Run]] = {size: [] for size in sizes}
    async with crews_of(sizes) as crews:
        for crew in crews:
            await crew.run(VISITS_SHORT)  # connections, and what is made once
        for number in range(options.rounds):
            for crew in crews if number % 2 == 0 else reversed(crews):
                runs[crew.size].append(await crew.run(visits))
    return list(figures(runs))


@asynccontextmanager
async def crews_of(sizes: Sequence[int]) -> AsyncIterator[list[Crew]]:
    """Run a crew of each size beside the others, on one database server."""
    async with AsyncExitStack() as stack:
        name = tempfile.TemporaryDirectory(prefix="spothold-many-")
        folder = Path(stack.enter_context(name))
        mongo = await stack.enter_async_context(embedded_mongo(folder / "mongo"))
        crews = []
        for size in sizes:
            place = folder / f"{size}"
            place.mkdir()
            crew = crew_of(size, place, mongo)
            crews.append(await stack.enter_async_context(crew))
        yield crews


def figures(runs: Mapping[int, Sequence[Run]]) -> Iterator[Figure]:
    """Say of each size what it did, and of each beyond one what it added."""
    for size, of_size in runs.items():
        name = "1 instance" if size == 1 else f"{size} instances"
        rate = [run.per_second for run in of_size]
        yield Figure.of(PART, f"requests/s, {name}", rate, "/s", note=NOTE)
        for who in of_size[0].cpu:
            cpu = [run.per_request(who) for run in of_size]
            yield Figure.of(PART, f"CPU per request of {who}, {name}", cpu, "ms")
        cores = [run.cores for run in of_size]
        yield Figure.of(PART, f"cores busy, {name}", cores)
        if size > 1:
            gains = [
                run.per_second / alone.per_second
                for run, alone in zip(of_size, runs[1], strict=True)
            ]
            yield Figure.of(PART, f"throughput over 1 instance, {name}", gains, "x")
    errors = sum(run.errors for of_size in runs.values() for run in of_size)
    yield Figure.of(PART, "errors", errors, target=AtMost(0))
