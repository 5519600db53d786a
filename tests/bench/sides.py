"""The service and the floor, side by side on one database server and one Stripe."""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import aiohttp
from pydantic import SecretStr
from pymongo import AsyncMongoClient

from adapters.embedded_mongo.server import embedded_mongo
from entrypoints.container import program_use_cases
from entrypoints.settings import StorageSettings
from tests.bench.wires import Distance, Tally, Wires, wired
from tests.examples import a_program
from tests.servers.service import (
    SERVE,
    ServiceProcess,
    free_port,
    service_environment,
)
from tests.servers.smtp import MailSink, mail_sink
from tests.servers.stripe_simulator import RunningSimulator
from tests.waiting import eventually

SPOTS: Final = 50_000
FLOOR: Final = ("tests.bench.floor",)
SIMULATOR: Final = "entrypoints.stripe_simulator"
# The service keeps the history of its requests every two seconds: work that they cause.
HISTORY_WITHIN: Final = 2.1
FOR_EVER: Final = 3600.0  # seconds


class Name(StrEnum):
    PRODUCT = "product"
    FLOOR = "floor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What both stand on."""

    folder: Path
    mongodb_uri: str
    stripe: RunningSimulator
    mail: MailSink

    @property
    def wires(self) -> Wires:
        """Return the ways as they are."""
        return Wires(mongodb_uri=self.mongodb_uri, stripe_url=self.stripe.url)


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two; `settles` is how long after a request it still works for it."""

    name: Name
    url: str
    pid: int
    database: str
    stripe: RunningSimulator
    tally: Tally
    settles: float = 0.0


@asynccontextmanager
async def common_ground() -> AsyncIterator[Ground]:
    """Start a database server and a Stripe, each in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="spothold-bench-") as name:
        folder = Path(name)
        async with (
            embedded_mongo(folder / "mongo") as mongo,
            simulator() as stripe,
            held_mail() as mail,
        ):
            yield Ground(folder=folder, mongodb_uri=mongo.uri, stripe=stripe, mail=mail)


@asynccontextmanager
async def simulator() -> AsyncIterator[RunningSimulator]:
    """Run the Stripe simulator, whose work must not be on anybody's bill."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", SIMULATOR, "--port", str(port)),
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(keepalive_timeout=2)
        ) as http:
            stripe = RunningSimulator(f"http://127.0.0.1:{port}", http)

            async def answers() -> bool:
                with suppress(aiohttp.ClientError):
                    return bool(await stripe.control("GET", "/requests"))
                return False

            await eventually(answers, within=30.0)
            yield stripe
    finally:
        process.kill()
        await process.wait()


@asynccontextmanager
async def held_mail() -> AsyncIterator[MailSink]:
    """Listen as a mail server that lets every mail wait, until somebody says otherwise.

    So that no mail is on its way while requests are measured.
    """
    async with mail_sink() as mail:
        mail.slowness = FOR_EVER
        yield mail


@asynccontextmanager
async def both_sides(
    ground: Ground, distance: Distance | None = None
) -> AsyncIterator[Mapping[Name, Side]]:
    """Run both, each in a process and on a database of its own.

    With a `distance`, their ways to the database and to Stripe are counted.
    """
    async with (
        _side(ground, Name.PRODUCT, distance) as product,
        _side(ground, Name.FLOOR, distance) as floor,
    ):
        yield {Name.PRODUCT: product, Name.FLOOR: floor}


@asynccontextmanager
async def _side(
    ground: Ground, name: Name, distance: Distance | None
) -> AsyncIterator[Side]:
    database = f"bench_{name}"
    await offer(ground.mongodb_uri, database, name)
    async with wired(ground.mongodb_uri, ground.stripe.url, distance) as wires:
        service = ServiceProcess(
            port=free_port(),
            environment=production(ground, wires, database),
            log=ground.folder / f"{database}.log",
            module=SERVE if name is Name.PRODUCT else FLOOR,
        )
        try:
            await service.start()
            yield Side(
                name=name,
                url=service.url,
                pid=service.process.pid,
                database=database,
                stripe=ground.stripe,
                tally=wires.tally,
                settles=HISTORY_WITHIN if name is Name.PRODUCT else 0.0,
            )
        finally:
            service.kill()


def production(ground: Ground, wires: Wires, database: str) -> dict[str, str]:
    """Return what production has, but that no limit is in the way."""
    return service_environment(
        mongodb_uri=wires.mongodb_uri,
        database=database,
        stripe_url=wires.stripe_url,
        smtp_url=ground.mail.url,
        APP_ENV="production",
        ALLOWED_HOSTS="127.0.0.1",
        LOG_FORMAT="json",
    )


async def offer(uri: str, database: str, name: Name) -> None:
    """Put the choir where each will look; the floor makes do with one index."""
    program = a_program(class_rep_limit=SPOTS)
    if name is Name.PRODUCT:
        settings = StorageSettings(
            mongodb_uri=SecretStr(uri), mongodb_database=database
        )
        async with program_use_cases(settings) as (create_program, _):
            await create_program(program)
        return
    terms = program.terms
    async with AsyncMongoClient[dict[str, Any]](uri) as client:
        await client[database]["programs"].insert_one(
            {
                "_id": program.id,
                "active": True,
                "rev": 1,
                "title": program.title,
                "currency": terms.full_price.currency.code,
                "full_price": terms.full_price.amount,
                "class_rep_discount": terms.class_rep_discount.amount,
                "class_rep_limit": terms.class_rep_limit,
                "class_rep_count": 0,
                "spots": [],
            }
        )
