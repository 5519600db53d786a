"""The service in this process over a real driver, and nothing else outside it real.

Stripe and the mail are stand-ins in memory: what the client side of the database costs
is the larger part of what is left, and none of a growth is hidden behind an HTTP call.
"""

import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import bson
from dependency_injector import providers
from litestar import Litestar
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from adapters.mongo.connection import mongo_client
from entrypoints.container import Container, opened
from entrypoints.http.app import create_app
from entrypoints.logging import configure_logging
from entrypoints.simulation.outside.clock import ManualClock
from entrypoints.simulation.outside.history import FakePaymentHistory
from entrypoints.simulation.outside.mailer import FakeMailer
from entrypoints.simulation.outside.payment_ledger import FakePaymentLedger
from entrypoints.simulation.outside.payments import FakePaymentGateway
from entrypoints.simulation.outside.refunds import FakeRefundGateway
from tests.bench.growth.store import Stocked
from tests.http.service import settings

PATIENCE: Final = timedelta(minutes=10)  # the embedded server scans, now and then
HOST: Final = (b"host", b"api.example")


class Wire(CommandListener):
    """Counts commands, and what their replies weigh, while it is told to.

    `pace` is how many seconds the wait for a reply lasts at least.
    """

    def __init__(self) -> None:
        self.counts = False
        self.pace = 0.0
        self.trips = 0
        self.bytes = 0

    def started(self, _: CommandStartedEvent) -> None:
        self.trips += self.counts

    def succeeded(self, event: CommandSucceededEvent) -> None:
        if self.counts:
            self.bytes += len(bson.encode(event.reply))
        time.sleep(max(0.0, self.pace - event.duration_micros / 1e6))

    def failed(self, _: CommandFailedEvent) -> None:
        """Do nothing: a trip that was begun is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request, worded and signed before anything is measured."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def scope(self) -> dict[str, Any]:
        sent = [(k.lower().encode(), v.encode()) for k, v in self.headers.items()]
        length = (b"content-length", str(len(self.body)).encode())
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": self.method,
            "scheme": "http",
            "path": self.path,
            "raw_path": self.path.encode(),
            "query_string": self.query.encode(),
            "root_path": "",
            "headers": [HOST, length, *sent],
            "client": ("203.0.113.7", 4711),
            "server": ("api.example", 80),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The service on one database; `clock` stands where the stock ends."""

    app: Litestar
    clock: ManualClock
    container: Container
    payments: FakePaymentGateway
    wire: Wire

    async def ask(self, asked: Asked) -> Any:
        """Ask without a socket, and return the body; anything but a success ends it."""
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": asked.body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.app(asked.scope(), receive, send)  # type: ignore[arg-type]
        body = b"".join(message.get("body", b"") for message in sent)
        if sent[0]["status"] >= 300:
            raise RuntimeError(f"{asked.path}: {sent[0]['status']} {body!r}")
        return json.loads(body) if body else None


@asynccontextmanager
async def desk_on(stocked: Stocked) -> AsyncIterator[Desk]:
    """Open the service on a database for the body of an `async with`."""
    configure_logging(level="critical", log_format="json")  # it is no part of a figure
    wire, clock = Wire(), ManualClock(stocked.until)
    given = settings(mongodb_uri=stocked.uri, mongodb_database=stocked.database)
    container = Container(settings=given, mongodb_uri=stocked.uri)
    payments = FakePaymentGateway(clock)
    refunds = FakeRefundGateway(payments=payments)
    container.clock.override(providers.Object(clock))
    container.mongo.override(
        providers.Singleton(
            mongo_client, stocked.uri, patience=PATIENCE, listeners=[wire]
        )
    )
    outside = {
        "mailer": FakeMailer(),
        "payments": payments,
        "refunds": refunds,
        "history": FakePaymentHistory(payments=payments, refunds=refunds),
        "ledger": FakePaymentLedger(payments=payments),
    }
    for name, it in outside.items():
        getattr(container, name).override(providers.Object(it))
    app = create_app(
        container.use_cases(), given, lifespan=[lambda _app: opened(container)]
    )
    async with app.lifespan():
        yield Desk(
            app=app, clock=clock, container=container, payments=payments, wire=wire
        )
