"""After the storm: reconcile alone brings everything to rest.

No buyer asks again and no service is left.  One more worker, to whom it is an hour
later, runs the very jobs that every instance runs, until nothing is left to do.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from dependency_injector import providers

from adapters.system.clock import SystemClock
from application.deliver_mail import LEASE
from entrypoints.cli.serve import reconcile_jobs
from entrypoints.container import Container, opened
from entrypoints.settings import Settings
from entrypoints.use_cases import UseCases
from tests.processes.fleet import Fleet
from tests.processes.snapshot import money_rows, sessions_of

ROUNDS_MAX: Final = 5
LATER: Final = LEASE + timedelta(hours=1)  # longer than any claim or pause


async def settle(fleet: Fleet) -> int:
    """Bring everything to rest, the services first.

    Returns:
        How many purchases only reconcile brought to their end.
    """
    await fleet.stripe.flush()
    codes = await asyncio.gather(*(service.stop() for service in fleet.services))
    assert not any(codes), f"exit codes {codes}"
    left = {row["_id"] for row in await unsettled(fleet)}
    for round_ in range(1, ROUNDS_MAX + 1):
        async with another_worker(fleet, later=LATER * round_) as worker:
            await _reconcile(worker)
        if not await unsettled(fleet):
            break
    return len(left)


async def _reconcile(worker: UseCases) -> None:
    for job in reconcile_jobs(worker):
        await job.run()
    while await worker.deliver_mail()():
        pass


async def unsettled(fleet: Fleet) -> list[dict[str, Any]]:
    """Find the purchases that are not where they should end by themselves."""
    database = fleet.database
    held: set[str] = set()
    async for program in database["programs"].find({}, {"spots": 1}):
        held.update(program.get("spots", ()))
    paid = {
        session["client_reference_id"]
        for session in await sessions_of(fleet.stripe)
        if session["payment_status"] == "paid"
    }
    return [
        row
        for row in await database["purchases"].find({}).to_list()
        if row["status"] in {"creating", "reserved", "closing", "refunding"}
        or any(each["state"] in {"due", "sent"} for each in money_rows(row))
        or (row["status"] == "closed" and row["_id"] in held)
        or (row["status"] == "pending" and row["_id"] in paid)
    ]


class _Ahead(SystemClock):
    """Shows when claims, leases and pauses of now are over."""

    def __init__(self, by: timedelta) -> None:
        self._by = by

    def now(self) -> datetime:
        return super().now() + self._by


@asynccontextmanager
async def another_worker(fleet: Fleet, *, later: timedelta) -> AsyncIterator[UseCases]:
    given = {name.lower(): value for name, value in fleet.environment.items()}
    settings = Settings.model_validate(given)
    container = Container(settings=settings, mongodb_uri=fleet.mongodb_uri)
    container.clock.override(providers.Object(_Ahead(later)))
    async with opened(container):
        yield container.use_cases()
