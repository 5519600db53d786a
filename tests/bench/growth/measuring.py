"""What each kind costs on one database: our CPU, the server's, trips and bytes."""

import gc
import time
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from statistics import median
from typing import Any, Final

from pymongo import AsyncMongoClient

from domain.ids import ProgramId
from domain.program import Program
from tests.bench.growth import stock
from tests.bench.growth.desk import Desk, desk_on
from tests.bench.growth.errands import Errand, Errands, Kind
from tests.bench.growth.store import Stocked, Store
from tests.bench.processes import cpu_seconds
from tests.examples import a_program

SPOTS_MAX: Final = 50_000
WARM_UP: Final = 3
# What a round leaves behind, and what would let a job rest until its next turn.
OURS: Final = (
    "audit",
    "events",
    "findings",
    "heard",
    "idempotency_keys",
    "leases",
    "trail",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Of one errand: seconds of CPU here and there, or trips and the replies' bytes."""

    cpu: float = 0.0
    server_cpu: float = 0.0
    trips: float = 0.0
    reply_bytes: float = 0.0


Costs = Mapping[Kind, Cost]


def program_of(holders: int) -> Program:
    return a_program(id=ProgramId(f"growth{holders}"), class_rep_limit=SPOTS_MAX)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """A desk, and who stands at it; `server` is the process of the database."""

    desk: Desk
    stocked: Stocked
    kinds: Collection[Kind]
    server: int
    holders: int = 0

    async def costs(self, size: int, *, tag: str = "cost") -> Costs:
        """Do so many of each kind: the median of our CPU, the server's on average."""
        costs = {}
        async for kind, errands in self._prepared(size, tag):
            gc.collect()
            each, at_server = [], cpu_seconds(self.server)
            for errand in errands:
                begun = time.process_time()
                await errand()
                each.append(time.process_time() - begun)
            server_cpu = (cpu_seconds(self.server) - at_server) / len(errands)
            costs[kind] = Cost(cpu=median(each), server_cpu=server_cpu)
        return costs

    async def paced(self, size: int, kinds: Collection[Kind], *, pace: float) -> Costs:
        """Do the same when each reply takes `pace` seconds, or the server longer."""
        wire = self.desk.wire
        wire.pace = pace
        try:
            return await replace(self, kinds=kinds).costs(size, tag="paced")
        finally:
            wire.pace = 0.0

    async def trips(self, size: int) -> Costs:
        """Do so many of each kind and count what goes over the wire."""
        costs, wire = {}, self.desk.wire
        async for kind, errands in self._prepared(size, "count"):
            wire.trips = wire.bytes = 0
            wire.counts = True
            for errand in errands:
                await errand()
            wire.counts = False
            number = len(errands)
            costs[kind] = Cost(
                trips=wire.trips / number, reply_bytes=wire.bytes / number
            )
        return costs

    async def _prepared(
        self, size: int, tag: str
    ) -> AsyncIterator[tuple[Kind, Sequence[Errand]]]:
        errands = Errands(
            desk=self.desk,
            stocked=self.stocked,
            program=program_of(self.holders).id,
            tag=tag,
            size=size,
        )
        database = self.desk.container.mongo()[self.stocked.database]
        for kind in self.kinds:
            await database["leases"].delete_many({})  # each job may have its turn
            yield kind, errands.of(kind)


@asynccontextmanager
async def counter(
    store: Store, stocked: Stocked, kinds: Collection[Kind], *, holders: int = 0
) -> AsyncIterator[Counter]:
    """Open the service on what is as it was before anybody measured."""
    async with AsyncMongoClient[dict[str, Any]](stocked.uri) as client:
        database, program = client[stocked.database], program_of(holders)

        async def clear() -> None:
            for name in OURS:
                await database[name].delete_many({})
            await database["purchases"].delete_many({"program_id": program.id})
            await database["programs"].delete_one({"_id": program.id})

        await clear()
        try:
            async with desk_on(stocked) as desk:
                row = stock.program_row(program, holders=holders)
                await database["programs"].insert_one(row)
                counter = Counter(
                    desk=desk,
                    stocked=stocked,
                    kinds=kinds,
                    server=store.server.pid,
                    holders=holders,
                )
                await counter.costs(WARM_UP, tag="warm")
                yield counter
        finally:
            await clear()
