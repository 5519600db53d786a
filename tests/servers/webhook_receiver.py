"""An endpoint that only remembers what it was told, and answers as it is told to."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from entrypoints.stripe_simulator.account import JsonObject


@dataclass(slots=True)
class Receiver:
    """What arrived.  `answers` are used up one by one; afterwards it says 200.

    `hangs`: answers nothing until it is asked no more.
    """

    url: str = ""
    bodies: list[str] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    hangs: bool = False
    answers: list[int] = field(default_factory=list)

    @property
    def events(self) -> list[JsonObject]:
        return [json.loads(body) for body in self.bodies]

    @property
    def signatures(self) -> list[str]:
        return [headers["Stripe-Signature"] for headers in self.headers]

    @property
    def types(self) -> list[str]:
        return [event["type"] for event in self.events]

    async def receive(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.text())
        self.headers.append(request.headers)
        if self.hangs:
            await asyncio.Event().wait()
        status = self.answers.pop(0) if self.answers else 200
        # Stripe follows no redirect; whoever does comes back here.
        return web.Response(status=status, headers={"Location": self.url})


@asynccontextmanager
async def webhook_receiver(path: str = "/webhook") -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post(path, receiver.receive)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}{path}"
        yield receiver
    finally:
        await runner.cleanup()
