"""A TCP proxy on loopback that sees each request pass and can cut in.

It stands between the service and its database or Stripe, and changes nothing in the
service: what is proved through it holds for the very code that runs in production.
"""

import asyncio
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from enum import StrEnum
from typing import Final

import bson

HEADER: Final = struct.Struct("<iiii")  # length, request id, response to, opcode
OP_MSG: Final = 2013
BODY_AT: Final = HEADER.size + 4 + 1  # after the flags and the section's kind


class Moment(StrEnum):
    BEFORE = "before"  # the server has not seen the request
    AFTER = "after"  # the server has answered, and the client has not seen it


class CutOff(Exception):  # what the watcher asks for
    """Raised by a watcher to drop the connection at this moment."""


Watcher = Callable[[str, Moment], Awaitable[None]]
Reader = Callable[[asyncio.StreamReader], Awaitable[tuple[bytes, str]]]


async def mongo_frame(stream: asyncio.StreamReader) -> tuple[bytes, str]:
    """Read one message of MongoDB's protocol; name it `command collection`."""
    header = await stream.readexactly(HEADER.size)
    length, _, _, opcode = HEADER.unpack(header)
    frame = header + await stream.readexactly(length - HEADER.size)
    if opcode != OP_MSG:
        return frame, ""
    size = struct.unpack_from("<i", frame, BODY_AT)[0]
    body = bson.decode(frame[BODY_AT : BODY_AT + size])
    command, target = next(iter(body.items()))
    return frame, f"{command} {target}"


async def http_chunk(stream: asyncio.StreamReader) -> tuple[bytes, str]:
    """Read what there is; a chunk that begins a request is named `METHOD /path`."""
    chunk = await stream.read(65536)
    if not chunk:
        raise asyncio.IncompleteReadError(b"", None)
    line = chunk.split(b"\r\n", 1)[0]
    is_request = line.endswith(b"HTTP/1.1")
    return chunk, line.rsplit(b" ", 1)[0].decode() if is_request else ""


@asynccontextmanager
async def proxied(port: int, *, reader: Reader, watcher: Watcher) -> AsyncIterator[int]:
    """Forward to a port of this machine for the body of an `async with`.

    Args:
        port: where the real server listens.
        reader: cuts the client's stream into named requests.
        watcher: told of each named request, before and after.

    Yields:
        The port to connect to instead.
    """
    connections: set[asyncio.Task[None]] = set()

    async def serve(
        client_in: asyncio.StreamReader, client_out: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        if task is not None:
            connections.add(task)
        server_in, server_out = await asyncio.open_connection("127.0.0.1", port)
        ends = (OSError, EOFError, CutOff, asyncio.CancelledError)
        with suppress(*ends):
            async with asyncio.TaskGroup() as both:
                pending: asyncio.Queue[str] = asyncio.Queue()
                both.create_task(_ask(client_in, server_out, reader, watcher, pending))
                both.create_task(_answer(server_in, client_out, watcher, pending))
        for end in (client_out, server_out):
            end.close()

    server = await asyncio.start_server(_quietly(serve), "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for connection in connections:
            connection.cancel()
        await asyncio.gather(*connections, return_exceptions=True)


def _quietly(
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    """Take the group's wrapping off: a connection that ends is no failure."""

    async def quiet(
        incoming: asyncio.StreamReader, outgoing: asyncio.StreamWriter
    ) -> None:
        with suppress(BaseExceptionGroup, asyncio.CancelledError):
            await serve(incoming, outgoing)
        outgoing.close()

    return quiet


async def _ask(
    source: asyncio.StreamReader,
    sink: asyncio.StreamWriter,
    reader: Reader,
    watcher: Watcher,
    pending: asyncio.Queue[str],
) -> None:
    while True:
        frame, name = await reader(source)
        if name:
            await watcher(name, Moment.BEFORE)
            pending.put_nowait(name)
        sink.write(frame)
        await sink.drain()


async def _answer(
    source: asyncio.StreamReader,
    sink: asyncio.StreamWriter,
    watcher: Watcher,
    pending: asyncio.Queue[str],
) -> None:
    while chunk := await source.read(65536):
        if not pending.empty():
            await watcher(pending.get_nowait(), Moment.AFTER)
        sink.write(chunk)
        await sink.drain()
    raise CutOff
