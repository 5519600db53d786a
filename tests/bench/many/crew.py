"""Service processes behind nginx at work, and whose CPU time that took."""

import asyncio
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
from tests.bench.processes import cpu_seconds
from tests.examples import CHOIR, a_program
from tests.processes.fleet import Fleet, balanced_fleet
from tests.processes.load import CHECKOUT
from tests.servers.service import bearer

AT_ONCE: Final = 8
# Of one visit: the checkout, and the event that it was paid, which Stripe sends twice.
REQUESTS: Final = 3
PATIENCE: Final = 60.0  # seconds, for one request


@dataclass(frozen=True, kw_only=True)
class Run:
    """So many visits: seconds by the clock, and of CPU by who had them."""

    visits: int
    seconds: float
    cpu: Mapping[str, float]
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
        return sum(self.cpu.values()) / self.seconds

    def per_request(self, who: str) -> float:
        """Return milliseconds of CPU."""
        return self.cpu[who] * 1000 / self.requests


@dataclass(kw_only=True)
class Crew:
    """Some instances on one database of a server that all crews share."""

    fleet: Fleet
    http: httpx.AsyncClient
    mongo: EmbeddedMongo
    buyers: Iterator[int] = field(default_factory=count)

    @property
    def size(self) -> int:
        return len(self.fleet.services)

    async def run(self, visits: int) -> Run:
        """Let so many buy and pay, some at once, until Stripe has told us of all."""
        before, lost = self._cpu(), self._lost()
        begun = time.perf_counter()
        line = iter(range(visits))
        refused = await asyncio.gather(*(self._shop(line) for _ in range(AT_ONCE)))
        await self.fleet.stripe.flush()
        seconds = time.perf_counter() - begun
        cpu = {who: after - before[who] for who, after in self._cpu().items()}
        errors = sum(refused) + self._lost() - lost + await self._unpaid()
        return Run(visits=visits, seconds=seconds, cpu=cpu, errors=errors)

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

    async def _unpaid(self) -> int:
        purchases = self.fleet.database["purchases"]
        return await purchases.count_documents({"status": {"$ne": "completed"}})

    def _lost(self) -> int:
        return self.fleet.balancer.lost() if self.fleet.balancer else 0

    def _cpu(self) -> dict[str, float]:
        nginx = self.fleet.balancer
        pids = [service.process.pid for service in self.fleet.services]
        return {
            "services": sum(map(cpu_seconds, pids)),
            "nginx": cpu_seconds(nginx.process.pid) if nginx else 0.0,
            "database": _with_children(self.mongo.process.pid),
            "buyers and Stripe": time.process_time(),
        }


def _with_children(pid: int) -> float:
    keeper = psutil.Process(pid)
    family = [keeper, *keeper.children(recursive=True)]
    return sum(cpu_seconds(each.pid) for each in family)


@asynccontextmanager
async def crew_of(size: int, folder: Path, mongo: EmbeddedMongo) -> AsyncIterator[Crew]:
    """Run so many instances, with something to sell, on a database of their own."""
    async with (
        balanced_fleet(
            size, folder, mongodb_uri=mongo.uri, database=f"many_{size}"
        ) as fleet,
        httpx.AsyncClient(timeout=PATIENCE, trust_env=False) as http,
    ):
        await fleet.offer([a_program()])
        yield Crew(fleet=fleet, http=http, mongo=mongo)
