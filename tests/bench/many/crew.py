"""Service processes behind nginx at work, and whose CPU time that took."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Final

import httpx
import psutil

from adapters.embedded_mongo.server import EmbeddedMongo
from tests.bench.processes import cpu_seconds, waited_for_a_core
from tests.examples import CHOIR, a_program
from tests.processes.fleet import Fleet, balanced_fleet
from tests.processes.load import CHECKOUT
from tests.servers.mongo import fresh_database
from tests.servers.service import bearer
from tests.waiting import eventually

AT_ONCE: Final = 8
# Of one visit: the checkout, and the event that it was paid, which Stripe sends twice.
REQUESTS: Final = 3
PATIENCE: Final = 60.0  # seconds, for one request
SERVICES: Final = "services"
COMPLETED: Final = {"status": "completed"}
MAILED: Final = {"effects.confirm.state": "sent"}


@dataclass(frozen=True, kw_only=True)
class Run:
    """So many visits: seconds by the clock, and of CPU by who had them.

    Args:
        visits: so many bought and paid.
        seconds: until Stripe had told of all payments.
        at_rest: until the last mail was sent, too; what follows is of this time.
        cpu: seconds of CPU, by who had them.
        waited: seconds that services were ready and others had the cores.
        resting: seconds of CPU per second that the services have when nobody comes.
        errors: what was refused, lost or never completed.
    """

    visits: int
    seconds: float
    at_rest: float
    cpu: Mapping[str, float]
    waited: float
    resting: float
    errors: int

    @property
    def requests(self) -> int:
        return self.visits * REQUESTS

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds

    @property
    def cores(self) -> float:
        """Return how many cores were busy with it, all parts together."""
        return sum(self.cpu.values()) / self.at_rest

    @property
    def beyond_rest(self) -> float:
        """Return milliseconds of the services' CPU, without what they do anyhow."""
        anyhow = self.resting * self.at_rest
        return (self.cpu[SERVICES] - anyhow) * 1000 / self.requests

    @property
    def delayed(self) -> float:
        """Return which part of their time services at work were kept from a core."""
        return self.waited / (self.waited + self.cpu[SERVICES])

    def per_request(self, who: str) -> float:
        """Return milliseconds of CPU."""
        return self.cpu[who] * 1000 / self.requests


@dataclass(kw_only=True)
class Crew:
    """Some instances on a database of their own, and nobody else at work."""

    fleet: Fleet
    http: httpx.AsyncClient
    mongo: EmbeddedMongo
    buyers: Iterator[int] = field(default_factory=count)

    @property
    def size(self) -> int:
        return len(self.fleet.services)

    async def run(self, visits: int, *, rest: float = 0.0) -> Run:
        """Let so many buy and pay, some at once, until each has their mail.

        Args:
            visits: so many.
            rest: seconds for which to look on afterwards, when nobody comes.
        """
        before, waited, lost = self._cpu(), self._waited(), self._lost()
        begun = time.perf_counter()
        line = iter(range(visits))
        refused = sum(await asyncio.gather(*(self._shop(line) for _ in range(AT_ONCE))))
        await self.fleet.stripe.flush()
        seconds = time.perf_counter() - begun
        await eventually(self._is_all_mailed, within=PATIENCE)
        at_rest = time.perf_counter() - begun
        after, kept_waiting = self._cpu(), self._waited() - waited
        return Run(
            visits=visits,
            seconds=seconds,
            at_rest=at_rest,
            cpu={who: after[who] - before[who] for who in after},
            waited=kept_waiting,
            resting=await self._resting(rest) if rest else 0.0,
            errors=refused + self._lost() - lost + await self._without(COMPLETED),
        )

    async def _resting(self, seconds: float) -> float:
        before, begun = self._cpu(), time.perf_counter()
        await asyncio.sleep(seconds)
        had = self._cpu()[SERVICES] - before[SERVICES]
        return had / (time.perf_counter() - begun)

    async def _shop(self, line: Iterator[int]) -> int:
        """Return how many checkouts were not answered with a page."""
        return sum([await self._visit() for _ in line])

    async def _visit(self) -> bool:
        answer = await self.http.post(
            f"{self.fleet.next_url()}{CHECKOUT}",
            json={"programId": CHOIR, "isClassRep": False},
            headers=bearer(f"buyer{next(self.buyers)}"),
        )
        if not answer.is_success:
            return True
        await self.fleet.stripe.press(answer.json()["data"]["sessionId"], "pay")
        return False

    async def _is_all_mailed(self) -> bool:
        return await self._without(MAILED) == 0

    async def _without(self, state: Mapping[str, str]) -> int:
        """Count the purchases that are not in this state."""
        purchases = self.fleet.database["purchases"]
        return await purchases.count_documents({"$nor": [state]})

    def _lost(self) -> int:
        return self.fleet.balancer.lost() if self.fleet.balancer else 0

    def _waited(self) -> float:
        return sum(map(waited_for_a_core, self._pids()))

    def _pids(self) -> list[int]:
        return [service.process.pid for service in self.fleet.services]

    def _cpu(self) -> dict[str, float]:
        nginx = self.fleet.balancer
        return {
            SERVICES: sum(map(cpu_seconds, self._pids())),
            "nginx": cpu_seconds(nginx.process.pid) if nginx else 0.0,
            "database": _with_children(self.mongo.process.pid),
            "buyers and Stripe": time.process_time(),
        }


def _with_children(pid: int) -> float:
    keeper = psutil.Process(pid)
    family = [keeper, *keeper.children(recursive=True)]
    return sum(cpu_seconds(each.pid) for each in family)


@asynccontextmanager
async def crew_of(size: int, mongo: EmbeddedMongo) -> AsyncIterator[Crew]:
    """Run so many instances, with something to sell, and leave nothing behind."""
    with (
        tempfile.TemporaryDirectory(prefix="spothold-many-") as name,
        fresh_database(mongo.uri) as database,
    ):
        async with (
            balanced_fleet(
                size, Path(name), mongodb_uri=mongo.uri, database=database
            ) as fleet,
            httpx.AsyncClient(timeout=PATIENCE, trust_env=False) as http,
        ):
            await fleet.offer([a_program()])
            yield Crew(fleet=fleet, http=http, mongo=mongo)
