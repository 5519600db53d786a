"""Load for an hour, and what it left behind."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from operator import attrgetter
from pathlib import Path
from random import Random
from typing import Final

import httpx

from application.batches import in_parts
from entrypoints.cli.serve import WATCH_EVERY
from entrypoints.http.jobs import JITTER
from tests.bench.figures import AtMost, Figure, short
from tests.bench.options import Options
from tests.bench.soak.readings import Gauge, Reading, kept_readings
from tests.bench.soak.slopes import slope_of
from tests.bench.soak.visitors import Visitors
from tests.bench.soak.weather import HOLE, SHARE, SLOW, Weather
from tests.processes.examining import examine
from tests.processes.fleet import Fleet, fleet_of
from tests.processes.load import PATIENCE, Ledger, programs_for
from tests.processes.wire import Wire, operation
from tests.servers.mongo import fresh_database, mongo_server
from tests.servers.proxy import watched

PART: Final = "soak"
SEED: Final = 20
SHORT: Final = timedelta(seconds=40)
VISITORS: Final = 4
PAUSE: Final = 1.0  # seconds between two visits of one of them
VISITS_A_SECOND: Final = 4  # about, for the size of the offer
WARM_UP: Final = 0.3  # of a soak that is not judged
# Until each job of a quarter of an hour has had its lists, however late it came: the
# process keeps the room for them.
EACH_JOB_ONCE: Final = WATCH_EVERY * (1 + JITTER)
REST: Final = 8.0  # seconds: longer than any side keeps an idle connection to us
LONG_ENOUGH: Final = timedelta(minutes=10)
TEN_MINUTES: Final = 600.0  # in seconds
PARTS: Final = 30
Measure = Callable[[Reading], float]
GROWING: Final[Sequence[tuple[str, str, Measure]]] = (
    ("memory", "MiB", attrgetter("memory")),
    ("open files", "", attrgetter("files")),
    ("tasks", "", attrgetter("tasks")),
)


@dataclass(frozen=True, kw_only=True)
class Soaked:
    """What a soak has shown.

    `before` and `after` were read at rest: after the warm-up and after the load.
    `wrong` is all that the examination at the end has to say.
    """

    readings: Sequence[Reading]
    before: Reading
    after: Reading
    ledger: Ledger
    struck: int
    findings: int
    wrong: Sequence[str]


async def soak(options: Options) -> Sequence[Figure]:
    lasts = SHORT if options.is_short else options.soak
    with (
        mongo_server() as uri,
        fresh_database(uri) as database,
        tempfile.TemporaryDirectory(prefix="spothold-soak-") as folder,
    ):
        soaked = await soaked_for(lasts, Path(folder), uri=uri, database=database)
    return figures_of(soaked, lasts)


async def soaked_for(
    lasts: timedelta,
    folder: Path,
    *,
    uri: str,
    database: str,
    rest: float = REST,
    share: float = SHARE,
) -> Soaked:
    """Bear the load that long, a part of it before anything is measured.

    Args:
        lasts: how long, pauses and the examination at the end not counted.
        folder: for the service's log.
        uri: a running server.
        database: its name, fresh.
        rest: the seconds before each reading at rest.
        share: of the visits that something befalls.
    """
    seconds = lasts.total_seconds()
    warm_up = warm_up_of(lasts).total_seconds()
    readings: list[Reading] = []
    async with visited(folder, uri=uri, database=database) as (fleet, crowd):
        crowd.weather.share = share
        programs = programs_for(int(seconds * VISITS_A_SECOND))
        await fleet.offer(programs)
        crowd.programs = [program.id for program in programs]
        gauge = Gauge(url=fleet.services[0].url)
        async with crowd.shopping(size=VISITORS):
            await asyncio.sleep(warm_up)
        before = await gauge.read_at_rest(after=rest)
        every = max(0.5, seconds / 600)
        async with (
            crowd.shopping(size=VISITORS),
            kept_readings(gauge, every=every, keep=readings.append),
        ):
            await asyncio.sleep(seconds - warm_up)
        after = await gauge.read_at_rest(after=rest)
        struck = crowd.weather.struck
        _, _, wrong = await examine(fleet, crowd, kills=struck.total())
        findings = await fleet.database["findings"].count_documents({"open": True})
        return Soaked(
            readings=readings,
            before=before,
            after=after,
            ledger=crowd.ledger,
            struck=struck.total(),
            findings=findings,
            wrong=wrong,
        )


@asynccontextmanager
async def visited(
    folder: Path, *, uri: str, database: str
) -> AsyncIterator[tuple[Fleet, Visitors]]:
    """Run one service behind a wire that fails, and let nobody in yet."""
    wire = Wire(slow=SLOW, hole=HOLE)
    random = Random(SEED)
    # Shorter than the five seconds after which the server hangs up.
    limits = httpx.Limits(max_connections=None, keepalive_expiry=2.0)
    async with (
        watched(uri, operation, wire.watch) as wired,
        fleet_of(
            1, folder, mongodb_uri=uri, database=database, MONGODB_URI=wired
        ) as fleet,
        httpx.AsyncClient(timeout=PATIENCE, limits=limits, trust_env=False) as http,
    ):
        weather = Weather(random=random, stripe=fleet.stripe, wire=wire)
        crowd = Visitors(
            fleet=fleet,
            http=http,
            random=random,
            programs=[],
            weather=weather,
            pause=PAUSE,
        )
        yield fleet, crowd


def is_judged(lasts: timedelta) -> bool:
    """Say whether enough is left once each job has had its first full round."""
    return lasts >= EACH_JOB_ONCE + LONG_ENOUGH


def warm_up_of(lasts: timedelta) -> timedelta:
    """Return how much of a soak is measured by nobody."""
    return EACH_JOB_ONCE if is_judged(lasts) else lasts * WARM_UP


def figures_of(soaked: Soaked, lasts: timedelta) -> Sequence[Figure]:
    answers = sorted(soaked.ledger.answers.items())
    said = ", ".join(f"{number} x {kind}" for kind, number in answers)
    return [
        Figure.of(
            PART, "visits", soaked.ledger.visits, note=f"{soaked.struck} faults; {said}"
        ),
        *growth_of(soaked, is_long=is_judged(lasts)),
        none_of("entries in the lock's map", soaked.after.locks),
        none_of("open findings", soaked.findings),
        none_of("violations", len(soaked.wrong), note=first(soaked.wrong)),
    ]


def growth_of(soaked: Soaked, *, is_long: bool) -> Iterator[Figure]:
    """Say how each reading grows; a target only where the soak was long enough.

    A minute's slope times ten is mostly noise.
    """
    for name, unit, value in GROWING:
        values = [value(reading) for reading in soaked.readings]
        lows = lowest(soaked.readings, value)
        slope = slope_of([it.at / TEN_MINUTES for it in lows], list(map(value, lows)))
        ends = (value(each) for each in (soaked.before, soaked.after))
        yield Figure.of(
            PART,
            f"{name}, growth in ten minutes",
            slope.per_unit,
            unit,
            target=AtMost(1.0) if is_long else None,
            note=f"+- {short(2 * slope.noise)} by least squares over the lowest of each"
            f" {len(values) // len(lows)} of {len(values)} readings,"
            f" from {short(min(values))} to {short(max(values))}; at rest after the"
            f" warm-up and at the end {' and '.join(map(short, ends))}"
            + ("" if is_long else "; too short to be judged"),
        )


def lowest(readings: Sequence[Reading], value: Measure) -> list[Reading]:
    """Return the lowest of each part of the time, for load comes and goes upon it."""
    size = max(1, len(readings) // PARTS)
    return [min(some, key=value) for some in in_parts(readings, size=size)]


def none_of(name: str, number: int, *, note: str = "") -> Figure:
    return Figure.of(PART, name, number, target=AtMost(0), note=note)


def first(wrong: Sequence[str], *, shown: int = 3) -> str:
    return "; ".join(each[:200] for each in wrong[:shown])
