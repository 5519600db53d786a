"""A server that answers what it was told to, over a real socket."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl

from aiohttp import web

DATE_NOON: Final = "Mon, 02 Mar 2026 12:00:00 GMT"

RELEASED: Final = web.AppKey("released", asyncio.Event)

Step = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A request as it came in."""

    method: str
    path: str
    key: str | None
    form: dict[str, str]
    headers: dict[str, str]


@dataclass(slots=True)
class ScriptedStripe:
    """Plays its script step by step, and the last step for ever."""

    script: list[Step] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    base: str = ""

    def plays(self, *steps: Step) -> None:
        self.script = list(steps)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        text = await request.text() or request.query_string
        self.received.append(
            Received(
                method=request.method,
                path=request.path,
                key=request.headers.get("Idempotency-Key"),
                form=dict(parse_qsl(text)),
                headers=dict(request.headers),
            )
        )
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        return await step(request)


@asynccontextmanager
async def scripted_stripe() -> AsyncIterator[ScriptedStripe]:
    stripe = ScriptedStripe()
    app = web.Application()
    app[RELEASED] = asyncio.Event()
    app.router.add_route("*", "/{path:.*}", stripe.answer)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    stripe.base = f"http://{host}:{port}"
    try:
        yield stripe
    finally:
        app[RELEASED].set()
        await runner.cleanup()


def says(body: Any, status: int = 200, **headers: str) -> Step:
    """Answer with JSON."""
    return says_bytes(json.dumps(body).encode(), status, **headers)


def says_bytes(
    body: bytes, status: int, content_type: str = "application/json", **headers: str
) -> Step:
    dated = {"Date": DATE_NOON, **headers}

    async def step(_request: web.Request) -> web.StreamResponse:
        return web.Response(
            body=body, status=status, content_type=content_type, headers=dated
        )

    return step


def fails(
    status: int,
    *,
    kind: str = "invalid_request_error",
    code: str | None = None,
    param: str | None = None,
) -> Step:
    """Answer with an error in Stripe's form."""
    error = {"type": kind, "message": "No.", "code": code, "param": param}
    given = {name: value for name, value in error.items() if value is not None}
    return says({"error": given}, status, **{"Request-Id": "req_1"})


async def hangs_up(request: web.Request) -> web.StreamResponse:
    """Close the connection without a word."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def stalls(request: web.Request) -> web.StreamResponse:
    """Take the request and do not answer it before the server stops."""
    await request.app[RELEASED].wait()
    return web.Response()


async def sends_half(request: web.Request) -> web.StreamResponse:
    """Begin an answer and close the connection in the middle of it."""
    await _begin(request)
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def stalls_halfway(request: web.Request) -> web.StreamResponse:
    """Begin an answer and do not end it before the server stops."""
    response = await _begin(request)
    await request.app[RELEASED].wait()
    return response


async def _begin(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    response.content_type = "application/json"
    await response.prepare(request)
    await response.write(b'{"id": "cs_test_1", ')
    return response
