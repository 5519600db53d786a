"""The ways to the database and to Stripe: counted, and as long as one likes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from tests.processes.wire import OTHER, operation
from tests.servers.proxy import Moment, http_chunk, watched

# What the mail loop asks, and no request: beside an answer it would be counted with it.
OF_MAIL: Final = ("effects.", "payment_intents")
NOTED_FOR_MAIL: Final = "update purchases by _id"  # how it was paid, for the receipt


def is_of_a_request(name: str) -> bool:
    """Tell what was asked for a request from heartbeats, logs and mail."""
    is_of_mail = name == NOTED_FOR_MAIL or any(part in name for part in OF_MAIL)
    return name != OTHER and not is_of_mail


@dataclass(slots=True)
class Tally:
    """What went over both ways for requests, in order of the asking.

    A command is named as `update purchases by _id, status`, a call as `POST /v1/...`.
    """

    commands: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    async def to_database(self, name: str, moment: Moment) -> None:
        if moment is Moment.BEFORE and is_of_a_request(name):
            self.commands.append(name)

    async def to_stripe(self, name: str, moment: Moment) -> None:
        if moment is Moment.BEFORE and is_of_a_request(name):
            self.calls.append(name)

    def clear(self) -> None:
        self.commands.clear()
        self.calls.clear()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wires:
    mongodb_uri: str
    stripe_url: str
    tally: Tally = field(default_factory=Tally)


@dataclass(frozen=True, slots=True, kw_only=True)
class Distance:
    """How long each command and each call is under way, in seconds."""

    to_database: float = 0.0
    to_stripe: float = 0.0


NO_WAY: Final = Distance()
FAR: Final = Distance(to_database=0.005, to_stripe=0.150)


@asynccontextmanager
async def wired(
    mongodb_uri: str, stripe_url: str, distance: Distance | None
) -> AsyncIterator[Wires]:
    """Lead both ways through this process, counted; None leaves them as they are."""
    if distance is None:
        yield Wires(mongodb_uri=mongodb_uri, stripe_url=stripe_url)
        return
    tally = Tally()

    async def to_database(name: str, moment: Moment) -> None:
        await tally.to_database(name, moment)
        if moment is Moment.BEFORE and name != OTHER:
            await asyncio.sleep(distance.to_database)

    async def to_stripe(name: str, moment: Moment) -> None:
        await tally.to_stripe(name, moment)
        if moment is Moment.BEFORE:
            await asyncio.sleep(distance.to_stripe)

    async with (
        watched(mongodb_uri, operation, to_database) as mongo_there,
        watched(stripe_url, http_chunk, to_stripe) as stripe_there,
    ):
        yield Wires(mongodb_uri=mongo_there, stripe_url=stripe_there, tally=tally)
