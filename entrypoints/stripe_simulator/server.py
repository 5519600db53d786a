"""Serve the simulator with uvicorn, and hang up on callers when a fault says so."""

import asyncio
from typing import Any

from litestar import Litestar
from litestar.types import Receive, Scope, Send
from uvicorn import Config, Server
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from entrypoints.stripe_simulator.exchanges import Answer

ABORT = "spothold.abort"
GRACE_SECONDS = 2


class AbortableProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol, with a way for the application to close the line.

    ASGI has no message for "close without an answer", and an application that raises
    makes uvicorn answer 500.  So each request carries its transport's `abort` as an
    ASGI extension; whoever calls it then waits for `http.disconnect`, after which
    uvicorn throws away whatever is still sent.
    """

    def on_message_begin(self) -> None:
        super().on_message_begin()
        extensions: dict[str, Any] = {ABORT: {"abort": self.transport.abort}}
        self.scope["extensions"] = extensions


async def hang_up(scope: Scope, receive: Receive) -> None:
    """Close the connection without an answer."""
    extensions: dict[str, Any] = dict(scope.get("extensions") or {})
    extensions[ABORT]["abort"]()
    await until_gone(receive)


async def send_half(answer: Answer, receive: Receive, send: Send) -> None:
    """Send the head and half of the body, and then nothing until the caller leaves."""
    length = str(len(answer.body)).encode()
    await send(
        {
            "type": "http.response.start",
            "status": answer.status,
            "headers": [(b"content-length", length)],
        }
    )
    half = answer.body[: len(answer.body) // 2]
    await send({"type": "http.response.body", "body": half, "more_body": True})
    await until_gone(receive)


async def until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def simulator_server(app: Litestar, *, host: str, port: int) -> Server:
    """Prepare a server; the simulator writes its own Date header, by its own clock."""
    return Server(
        Config(
            app,
            host=host,
            port=port,
            http=AbortableProtocol,
            ws="websockets-sansio",
            lifespan="on",
            log_level="warning",
            access_log=False,
            date_header=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )


def bound_port(server: Server) -> int:
    port: int = server.servers[0].sockets[0].getsockname()[1]
    return port


async def until_started(server: Server, serving: asyncio.Task[None]) -> None:
    while not server.started:
        if serving.done():
            serving.result()
        await asyncio.sleep(0.005)
