"""The ways to the database and to Stripe: counted, and as long as one likes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from tests.processes.wire import OTHER, operation
from tests.servers.proxy import Moment, http_chunk, watched

TO_DATABASE: Final = 0.005  # seconds for each command
TO_STRIPE: Final = 0.150  # seconds for each call
# By these fields only the mail loop looks for work and marks it; no request does.
OF_MAIL: Final = "effects."


@dataclass(slots=True)
class Tally:
    """What went over both ways, in order: `update purchases by _id, status`."""

    commands: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    async def to_database(self, name: str, moment: Moment) -> None:
        """Watch a way to MongoDB; heartbeats and logs are no part of a request."""
        if moment is Moment.BEFORE and name != OTHER and OF_MAIL not in name:
            self.commands.append(name)

    async def to_stripe(self, name: str, moment: Moment) -> None:
        if moment is Moment.BEFORE:
            self.calls.append(name)

    def clear(self) -> None:
        self.commands.clear()
        self.calls.clear()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wires:
    mongodb_uri: str
    stripe_url: str
    tally: Tally = field(default_factory=Tally)


@asynccontextmanager
async def wired(
    mongodb_uri: str, stripe_url: str, *, is_led_astray: bool
) -> AsyncIterator[Wires]:
    """Lead both ways through this process, slowed down; or leave them as they are."""
    if not is_led_astray:
        yield Wires(mongodb_uri=mongodb_uri, stripe_url=stripe_url)
        return
    tally = Tally()

    async def to_database(name: str, moment: Moment) -> None:
        await tally.to_database(name, moment)
        if moment is Moment.BEFORE and name != OTHER:
            await asyncio.sleep(TO_DATABASE)

    async def to_stripe(name: str, moment: Moment) -> None:
        await tally.to_stripe(name, moment)
        if moment is Moment.BEFORE:
            await asyncio.sleep(TO_STRIPE)

    async with (
        watched(mongodb_uri, operation, to_database) as far_mongo,
        watched(stripe_url, http_chunk, to_stripe) as far_stripe,
    ):
        yield Wires(mongodb_uri=far_mongo, stripe_url=far_stripe, tally=tally)
