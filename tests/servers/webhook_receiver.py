"""An endpoint that only remembers what it was told, and answers as it is told to."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from entrypoints.stripe_simulator.account import JsonObject


@dataclass(slots=True)
class Receiver:
    """What arrived.  `answers` are used up one by one; afterwards it says 200."""

    url: str = ""
    bodies: list[str] = field(default_factory=list)
    signatures: list[str] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    @property
    def events(self) -> list[JsonObject]:
        return [json.loads(body) for body in self.bodies]

    @property
    def types(self) -> list[str]:
        return [event["type"] for event in self.events]

    async def receive(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.text())
        self.signatures.append(request.headers["Stripe-Signature"])
        status = self.answers.pop(0) if self.answers else 200
        # Stripe follows no redirect; whoever does comes back here.
        return web.Response(status=status, headers={"Location": self.url})


@asynccontextmanager
async def webhook_receiver(path: str = "/webhook") -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post(path, receiver.receive)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}{path}"
        yield receiver
    finally:
        await runner.cleanup()
