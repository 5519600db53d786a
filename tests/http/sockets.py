"""The service on a real socket, and raw bytes to send to it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import uvicorn
from litestar import Litestar

PATIENCE = 20  # seconds


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Wire:
    """A service that listens on a port of its own."""

    port: int

    async def send(self, *pieces: bytes) -> Answer:
        """Send bytes as they are, and read what comes until the server hangs up."""
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            try:
                for piece in pieces:
                    writer.write(piece)
                    await writer.drain()
                return _parsed(await reader.read(-1))
            finally:
                writer.close()

    async def hang_up(self, *pieces: bytes) -> None:
        """Send bytes and leave without an answer."""
        _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        writer.transport.abort()


def _parsed(raw: bytes) -> Answer:
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    return Answer(status=int(first.split()[1]), headers=headers, body=body)


@asynccontextmanager
async def listening(app: Litestar, *, http: str = "auto") -> AsyncIterator[Wire]:
    """Serve as `spothold serve` does: no banner, and no proxy believed by uvicorn."""
    config = uvicorn.Config(
        app,
        http=http,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=5,
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield Wire(listener.getsockname()[1])
        finally:
            server.should_exit = True
            await serving
