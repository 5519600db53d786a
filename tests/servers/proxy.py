"""A TCP proxy on loopback that sees each request pass and can cut in.

It stands between the service and its database or Stripe, and changes nothing in the
service: what is proved through it holds for the very code that runs in production.
"""

import asyncio
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

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
async def watched(url: str, reader: Reader, watcher: Watcher) -> AsyncIterator[str]:
    """Yield the address of a server of this machine, led through a proxy."""
    port = urlsplit(url).port or 0
    async with proxied(port, reader=reader, watcher=watcher) as instead:
        yield url.replace(f":{port}", f":{instead}", 1)


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
        task = asyncio.ensure_future(
            _carry(client_in, client_out, port, reader=reader, watcher=watcher)
        )
        connections.add(task)
        task.add_done_callback(connections.discard)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for connection in tuple(connections):
            connection.cancel()
        await asyncio.gather(*connections, return_exceptions=True)


async def _carry(
    client_in: asyncio.StreamReader,
    client_out: asyncio.StreamWriter,
    port: int,
    *,
    reader: Reader,
    watcher: Watcher,
) -> None:
    """Carry one connection both ways until either end, or the watcher, cuts it."""
    writers = [client_out]
    ways: list[asyncio.Task[None]] = []
    try:
        server_in, server_out = await asyncio.open_connection("127.0.0.1", port)
        writers.append(server_out)
        pending: asyncio.Queue[str] = asyncio.Queue()
        ask = _ask(client_in, server_out, reader, watcher, pending)
        answer = _answer(server_in, client_out, watcher, pending)
        ways = [asyncio.create_task(ask), asyncio.create_task(answer)]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    except OSError:
        return
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        for writer in writers:
            writer.transport.abort()


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
