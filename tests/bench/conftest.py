"""Both sides in the test's own process, over sockets, and all of it counted."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from dependency_injector import providers

from entrypoints.cli.serve import service
from entrypoints.container import Container
from entrypoints.http.server import server_config
from entrypoints.settings import Settings
from entrypoints.simulation.outside.clock import ManualClock
from tests.bench.floor.app import floor_app
from tests.bench.sides import Ground, Name, Side, offer, production
from tests.bench.wires import NO_WAY, wired
from tests.servers.in_process import served
from tests.servers.mongo import fresh_database
from tests.servers.smtp import mail_sink
from tests.servers.stripe_simulator import stripe_simulator


@pytest.fixture
async def ground(tmp_path: Path, mongo_uri: str) -> AsyncIterator[Ground]:
    async with stripe_simulator() as stripe, mail_sink() as mail:
        yield Ground(folder=tmp_path, mongodb_uri=mongo_uri, stripe=stripe, mail=mail)


@pytest.fixture
async def product(ground: Ground) -> AsyncIterator[Side]:
    async with beside_us(ground, Name.PRODUCT) as side:
        yield side


@pytest.fixture
async def floor(ground: Ground) -> AsyncIterator[Side]:
    async with beside_us(ground, Name.FLOOR) as side:
        yield side


@asynccontextmanager
async def beside_us(ground: Ground, name: Name) -> AsyncIterator[Side]:
    """Serve one of the two on a fresh database."""
    with fresh_database(ground.mongodb_uri) as database:
        await offer(ground.mongodb_uri, database, name)
        async with (
            wired(ground.mongodb_uri, ground.stripe.url, NO_WAY) as wires,
            served(SERVERS[name](production(ground, wires, database))) as url,
        ):
            yield Side(
                name=name,
                url=url,
                pid=os.getpid(),
                database=database,
                stripe=ground.stripe,
                tally=wires.tally,
            )


def product_server(environment: Mapping[str, str]) -> uvicorn.Server:
    told: dict[str, Any] = {name.lower(): it for name, it in environment.items()}
    settings = Settings(**told, port=0)
    container = Container(settings=settings, mongodb_uri=environment["MONGODB_URI"])
    # Time stands still, so that what is remembered for seconds is, however slow we are.
    container.clock.override(providers.Object(ManualClock(datetime.now(UTC))))
    app = service(container, settings, reconciles=False)
    return uvicorn.Server(server_config(app, settings))


def floor_server(environment: Mapping[str, str]) -> uvicorn.Server:
    app = floor_app(environment)
    return uvicorn.Server(uvicorn.Config(app, port=0, lifespan="on", log_config=None))


SERVERS = {Name.PRODUCT: product_server, Name.FLOOR: floor_server}
