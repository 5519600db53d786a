"""One address before many servers, as a host's load balancer is."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any


@asynccontextmanager
async def door(next_port: Callable[[], int]) -> AsyncIterator[str]:
    """Forward each connection to the port that has its turn; yield the address."""
    connections: set[asyncio.Task[None]] = set()

    async def serve(
        client_in: asyncio.StreamReader, client_out: asyncio.StreamWriter
    ) -> None:
        task = asyncio.ensure_future(_lead(client_in, client_out, next_port()))
        connections.add(task)
        task.add_done_callback(connections.discard)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for connection in tuple(connections):
            connection.cancel()
        await asyncio.gather(*connections, return_exceptions=True)


async def _lead(
    client_in: asyncio.StreamReader, client_out: asyncio.StreamWriter, port: int
) -> None:
    """Carry bytes both ways until either end hangs up."""
    writers = [client_out]
    try:
        server_in, server_out = await asyncio.open_connection("127.0.0.1", port)
        writers.append(server_out)
        await _first_of(_pump(client_in, server_out), _pump(server_in, client_out))
    except OSError:
        return
    finally:
        for writer in writers:
            writer.transport.abort()


async def _first_of(*ways: Coroutine[Any, Any, None]) -> None:
    tasks = [asyncio.create_task(way) for way in ways]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while chunk := await source.read(65536):
        sink.write(chunk)
        await sink.drain()
