"""After the storm: what brings everything to rest.

This stands in for the service's own reconcile: here those who wait ask again, and there
nobody will have to.  `settle` is the one function that changes then: it will wait until
`unsettled` is empty.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from dependency_injector import providers

from adapters.system.clock import SystemClock
from application.deliver_mail import LEASE
from entrypoints.container import Container, opened
from entrypoints.settings import Settings
from tests.processes.fleet import Fleet
from tests.processes.load import Crowd
from tests.processes.snapshot import page_of, sessions_of
from tests.waiting import eventually

NOW: Final = SystemClock().now
WITHIN: Final = 60.0  # seconds; a look at Stripe comes every three seconds at most


async def settle(fleet: Fleet, crowd: Crowd) -> int:
    """Bring everything to rest, the services too.

    Returns:
        How many purchases needed another request.
    """
    await fleet.stripe.flush()
    asked: set[str] = set()

    async def is_calm() -> bool:
        rows = await unsettled(fleet)
        for row in rows:
            asked.add(row["_id"])
            await _ask_again(crowd, row)
        return not rows

    await eventually(is_calm, within=WITHIN)
    await _deliver_what_the_dead_held(fleet)
    return len(asked)


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
        if row["status"] in {"creating", "reserved", "closing"}
        or (row["status"] == "closed" and row["_id"] in held)
        or (row["status"] == "pending" and row["_id"] in paid)
    ]


async def _ask_again(crowd: Crowd, row: dict[str, Any]) -> None:
    """Do what the buyer would do who sees it like this."""
    if row["status"] in {"creating", "reserved"}:
        await crowd.ask(row["user_id"], "POST", f"/api/purchases/retry/{row['_id']}")
    elif row["status"] == "pending":
        await crowd.verify(page_of(row))
    else:
        await crowd.cancel(page_of(row))


class Later(SystemClock):
    """Shows when every lease of now is over, and every pause after a failed try."""

    def now(self) -> datetime:
        return super().now() + LEASE + timedelta(hours=1)


async def _deliver_what_the_dead_held(fleet: Fleet) -> None:
    """End the services and be the worker who comes when the leases are over.

    A lease says who took it and not whether they are still at it: first nobody may be.
    """

    async def is_nothing_due() -> bool:
        due = {"effects.confirm.state": "due", "effects.confirm.until": {"$lte": NOW()}}
        return not await fleet.database["purchases"].count_documents(due)

    await eventually(is_nothing_due, within=WITHIN)
    codes = [await service.stop() for service in fleet.services]
    assert not any(codes), f"exit codes {codes}"
    async with _another_worker(fleet) as worker:
        while await worker.use_cases.deliver_mail()():
            pass


@asynccontextmanager
async def _another_worker(fleet: Fleet) -> AsyncIterator[Any]:
    given = {name.lower(): value for name, value in fleet.environment.items()}
    settings = Settings.model_validate(given)
    container = Container(settings=settings, mongodb_uri=fleet.mongodb_uri)
    container.clock.override(providers.Object(Later()))
    async with opened(container):
        yield container
