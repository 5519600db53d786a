"""Service processes side by side, and the real parts around them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    nullcontext,
)
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from domain.program import Program
from entrypoints.container import program_use_cases
from entrypoints.settings import StorageSettings
from tests.servers.door import door
from tests.servers.nginx import Nginx, nginx
from tests.servers.service import (
    ROOT,
    WEBHOOK_SECRET,
    ServiceProcess,
    free_port,
    service_environment,
)
from tests.servers.smtp import MailSink, mail_sink
from tests.servers.stripe_simulator import RunningSimulator, stripe_simulator

WEBHOOK: Final = "/api/webhooks/stripe"
# Stripe goes on for three days; this goes on for a minute and a half.
RETRY_DELAYS: Final = (0.1, 0.2, 0.5, *(1.0,) * 90)
# As the shipped files have it, only quicker: nginx lets go of a connection before an
# instance that ends hangs up (tests/deploy holds the shipped ones to that).
ANNOUNCE: Final = {"STOP_ANNOUNCE_SECONDS": "1"}
LETS_GO: Final = {"keepalive_timeout 4s;": "keepalive_timeout 300ms;"}
Database = AsyncDatabase[dict[str, Any]]
# What is different for the instance on this port, while it runs.
Own = Callable[["Fleet", int], AbstractAsyncContextManager[Mapping[str, str]]]


def nothing_of_its_own(
    _fleet: "Fleet", _port: int
) -> AbstractAsyncContextManager[Mapping[str, str]]:
    return nullcontext({})


@dataclass(kw_only=True)
class Fleet:
    """Any number of services; those in `rotation` are sent requests, turn by turn.

    Behind a balancer it is the balancer that shares them out.
    """

    folder: Path
    mongodb_uri: str
    database: Database
    environment: Mapping[str, str]
    stripe: RunningSimulator
    mail: MailSink
    own: Own = nothing_of_its_own
    ways: AsyncExitStack = field(default_factory=AsyncExitStack)
    services: list[ServiceProcess] = field(default_factory=list)
    rotation: list[ServiceProcess] = field(default_factory=list)
    balancer: Nginx | None = None
    _turn: Iterable[int] = field(default_factory=count)

    def next_port(self) -> int:
        turn = next(iter(self._turn))
        return self.rotation[turn % len(self.rotation)].port

    def next_url(self) -> str:
        if self.balancer is not None:
            return self.balancer.url
        return f"http://127.0.0.1:{self.next_port()}"

    async def add(
        self, *, version: Path = ROOT, port: int | None = None
    ) -> ServiceProcess:
        """Start one more, and send it requests once it is ready."""
        port = port or free_port()
        own = await self.ways.enter_async_context(self.own(self, port))
        service = ServiceProcess(
            port=port,
            environment={**self.environment, **own},
            log=self.folder / f"service-{len(self.services)}.log",
            version=version,
        )
        self.services.append(service)
        await service.start()
        self.rotation.append(service)
        return service

    def take_out(self, service: ServiceProcess) -> None:
        """Send it nothing new."""
        self.rotation.remove(service)

    async def offer(self, programs: Iterable[Program]) -> None:
        settings = StorageSettings(
            mongodb_uri=SecretStr(self.mongodb_uri), mongodb_database=self.database.name
        )
        async with program_use_cases(settings) as (create_program, _):
            for program in programs:
                await create_program(program)

    def logs(self) -> str:
        return "\n".join(service.log.read_text() for service in self.services)


@asynccontextmanager
async def fleet_of(
    size: int,
    folder: Path,
    *,
    mongodb_uri: str,
    database: str,
    own: Own = nothing_of_its_own,
    **more: str,
) -> AsyncIterator[Fleet]:
    """Run so many services for the body of an `async with`; `more` are settings.

    Stripe sends every event twice, so that copies meet at different services.
    """
    async with _outside(folder, mongodb_uri, database, own, **more) as fleet:
        await _start(fleet, [free_port() for _ in range(size)])
        async with door(fleet.next_port) as front:
            await _listen_to_stripe(fleet, front)
            yield fleet


@asynccontextmanager
async def balanced_fleet(
    size: int,
    folder: Path,
    *,
    mongodb_uri: str,
    database: str,
    own: Own = nothing_of_its_own,
    changes: Mapping[str, str] = LETS_GO,
    **more: str,
) -> AsyncIterator[Fleet]:
    """Run them behind nginx, as the recipe in `deploy/` has it, but for `changes`."""
    settings = {**ANNOUNCE, "TRUSTED_PROXIES": "127.0.0.1", **more}
    ports = [free_port() for _ in range(size)]
    async with (
        _outside(folder, mongodb_uri, database, own, **settings) as fleet,
        nginx(folder / "nginx", ports, changes) as balancer,
    ):
        fleet.balancer = balancer
        await _start(fleet, ports)
        await _listen_to_stripe(fleet, balancer.url)
        yield fleet


@asynccontextmanager
async def _outside(
    folder: Path, mongodb_uri: str, database: str, own: Own, **more: str
) -> AsyncIterator[Fleet]:
    """Run what is around a fleet, which is still without services."""
    async with (
        stripe_simulator(
            webhook_secret=WEBHOOK_SECRET, retry_delays=RETRY_DELAYS
        ) as stripe,
        mail_sink() as mail,
        AsyncMongoClient[dict[str, Any]](mongodb_uri, tz_aware=True) as client,
        AsyncExitStack() as ways,
        AsyncExitStack() as stack,
    ):
        environment = service_environment(
            mongodb_uri=mongodb_uri,
            database=database,
            stripe_url=stripe.url,
            smtp_url=mail.url,
            **more,
        )
        fleet = Fleet(
            folder=folder,
            mongodb_uri=mongodb_uri,
            database=client[database],
            environment=environment,
            stripe=stripe,
            mail=mail,
            own=own,
            ways=ways,
        )
        stack.push_async_callback(_clear_away, fleet)
        yield fleet


async def _start(fleet: Fleet, ports: Iterable[int]) -> None:
    async with asyncio.TaskGroup() as group:
        for port in ports:
            group.create_task(fleet.add(port=port))


async def _listen_to_stripe(fleet: Fleet, front: str) -> None:
    await fleet.stripe.webhooks(url=f"{front}{WEBHOOK}", duplicates=1)


async def _clear_away(fleet: Fleet) -> None:
    ends = (service.clear_away() for service in fleet.services)
    ended = await asyncio.gather(*ends, return_exceptions=True)
    for error in ended:
        if isinstance(error, BaseException):
            raise error
