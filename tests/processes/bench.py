"""The service in this process, on a wire to its database that fails on demand."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import httpx
import stripe
from dependency_injector import providers
from pymongo import AsyncMongoClient

from adapters.mongo.connection import PATIENCE, mongo_client
from adapters.system.clock import SystemClock
from entrypoints.container import Container
from tests.examples import CHOIR, a_program
from tests.processes.fleet import Database
from tests.processes.wire import Fault, Point, Wire, operation
from tests.servers.live_service import WEBHOOK, LiveService, live_service
from tests.servers.proxy import watched
from tests.servers.stripe_simulator import WEBHOOK_SECRET

SLOW: Final = timedelta(seconds=2)
HOLE: Final = timedelta(seconds=5)
SHORT: Final = 0.15  # of the real times, for the many faults of every commit
RIGHT_WITHIN: Final = 5.0  # seconds after the fault
SPOTS: Final = 1_000


class TimeTraveller(SystemClock):
    """Goes ahead of the real time when a test says so."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.ahead


@dataclass(kw_only=True)
class Bench:
    service: LiveService
    wire: Wire
    clock: TimeTraveller
    truth: Database  # read past the wire
    recoveries: list[float] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    async def strike(
        self,
        point: Point,
        fault: Fault,
        ask: Callable[[], Awaitable[httpx.Response]],
    ) -> None:
        """Ask while the fault strikes: the answer is 200 or 503, and soon it is 200."""
        self.wire.arm(point, fault)
        answer = await ask()
        self._expect(answer, f"{point}: {fault}")
        await self.wire.ended()
        begun = time.monotonic()
        async with asyncio.timeout(RIGHT_WITHIN):
            while not (answer := await ask()).is_success:
                self._expect(answer, f"after {point}: {fault}")
        self.recoveries.append(time.monotonic() - begun)

    def _expect(self, answer: httpx.Response, where: str) -> None:
        self.answers.append(answer.status_code)
        assert answer.status_code in {200, 503}, f"{where}: {answer.text}"
        assert answer.is_success or "Retry-After" in answer.headers, where

    async def check_out(self, buyer: str) -> httpx.Response:
        return await self.service.check_out(buyer, CHOIR, as_class_rep=True)

    async def page_of(self, buyer: str) -> dict[str, Any]:
        answer = await self.check_out(buyer)
        assert answer.is_success, answer.text
        data: dict[str, Any] = answer.json()["data"]
        return data

    async def payment_by(self, buyer: str) -> str:
        """Check out and pay; return the event as Stripe would send it."""
        page = await self.page_of(buyer)
        await self.service.stripe.press(page["sessionId"], "pay")
        query = "type=checkout.session.completed&limit=1"
        _, events, _ = await self.service.stripe.call("GET", f"/v1/events?{query}")
        [event] = events["data"]
        assert event["data"]["object"]["id"] == page["sessionId"]
        return json.dumps(event)

    async def tell(self, event: str) -> httpx.Response:
        header = stripe.WebhookSignature.generate_signature_header(
            event, WEBHOOK_SECRET
        )
        headers = {"Stripe-Signature": header, "Content-Type": "application/json"}
        return await self.service.http.post(WEBHOOK, content=event, headers=headers)

    async def row_of(self, buyer: str) -> dict[str, Any]:
        """Return the buyer's one purchase."""
        rows = await self.truth["purchases"].find({"user_id": buyer}).to_list()
        assert len(rows) == 1, rows
        return rows[0]

    async def spots(self) -> list[str]:
        program = await self.truth["programs"].find_one({"_id": CHOIR}) or {}
        spots: list[str] = program.get("spots", [])
        assert len(spots) == len(set(spots)) == program["class_rep_count"]
        return spots


@asynccontextmanager
async def bench_on(
    mongo_uri: str, database: str, *, scale: float = SHORT
) -> AsyncIterator[Bench]:
    """Run it with all times in proportion: our patience, the delay, the black hole."""
    clock = TimeTraveller()
    wire = Wire(
        slow=(SLOW * scale).total_seconds(), hole=(HOLE * scale).total_seconds()
    )

    def prepare(container: Container) -> None:
        container.clock.override(providers.Object(clock))
        container.mongo.override(
            providers.Singleton(
                mongo_client, container.mongodb_uri, patience=PATIENCE * scale
            )
        )

    async with (
        watched(mongo_uri, operation, wire.watch) as wired,
        live_service(wired, database, prepare=prepare, reconciles=False) as service,
        AsyncMongoClient[dict[str, Any]](mongo_uri, tz_aware=True) as client,
    ):
        await service.offer(a_program(class_rep_limit=SPOTS))
        await service.stripe.webhooks(paused=True)
        yield Bench(service=service, wire=wire, clock=clock, truth=client[database])
