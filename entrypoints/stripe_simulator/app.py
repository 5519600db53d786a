"""Assemble the simulator's own little web application."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import unquote

from litestar import Litestar, WebSocket, asgi, websocket
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

from entrypoints.stripe_simulator.api import AnswerStalled, ConnectionDropped
from entrypoints.stripe_simulator.cli_sessions import SOCKET_PATH, serve_listener
from entrypoints.stripe_simulator.control import Control, refused
from entrypoints.stripe_simulator.exchanges import Incoming
from entrypoints.stripe_simulator.pages import Pages
from entrypoints.stripe_simulator.refusals import Refusal
from entrypoints.stripe_simulator.server import hang_up, send_half
from entrypoints.stripe_simulator.simulator import Simulator, SimulatorConfig

logger = logging.getLogger(__name__)


def create_simulator(config: SimulatorConfig) -> Litestar:
    """Build a simulator with an empty account."""
    simulator = Simulator(config)

    def get_simulator() -> Simulator:
        return simulator

    @asgi("/v1", is_mount=True, copy_scope=True)
    async def stripe_api(scope: Scope, receive: Receive, send: Send) -> None:
        incoming = await _read(scope, receive)
        try:
            answer = await simulator.api.answer(incoming)
        except ConnectionDropped:
            await hang_up(scope, receive)
            return
        except AnswerStalled as stalled:
            await send_half(stalled.answer, receive, send)
            return
        response = ASGIResponse(
            body=answer.body, status_code=answer.status, headers=answer.headers
        )
        await response(scope, receive, send)

    @asynccontextmanager
    async def running(_: Litestar) -> AsyncIterator[None]:
        simulator.start()
        try:
            yield
        finally:
            await simulator.close()

    return Litestar(
        after_exception=[log_surprise],
        route_handlers=[stripe_api, stripe_listen, Control, Pages],
        dependencies={"simulator": Provide(get_simulator, sync_to_thread=False)},
        exception_handlers={Refusal: refused},
        lifespan=[running],
        openapi_config=None,
    )


async def log_surprise(error: Exception, scope: Scope) -> None:
    """Say on the terminal what went wrong inside; refusals are no surprise."""
    if not isinstance(error, Refusal | HTTPException):
        logger.error("The simulator broke at %s", scope["path"], exc_info=error)


@websocket(SOCKET_PATH)
async def stripe_listen(
    socket: WebSocket[Any, Any, Any], simulator: NamedDependency[Simulator]
) -> None:
    await serve_listener(socket, simulator.webhooks)


async def _read(scope: Any, receive: Receive) -> Incoming:
    headers = {
        name.decode().lower(): value.decode() for name, value in scope["headers"]
    }
    host = headers.get("host", "127.0.0.1")
    raw_path: bytes = scope["raw_path"]
    return Incoming(
        method=scope["method"],
        path=unquote(raw_path.decode()).rstrip("/"),
        query=scope["query_string"].decode(),
        body=(await _body(receive)).decode(errors="replace"),
        base_url=f"{scope['scheme']}://{host}",
        headers=headers,
    )


async def _body(receive: Receive) -> bytes:
    body = b""
    has_more = True
    while has_more:
        message: dict[str, Any] = dict(await receive())
        body += message.get("body", b"")
        has_more = message.get("more_body", False)
    return body
