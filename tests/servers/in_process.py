"""A uvicorn server in the test's own process, on a socket of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from uvicorn import Server


@asynccontextmanager
async def served(server: Server) -> AsyncIterator[str]:
    """Serve for the body of an `async with`, and yield the address."""
    # Not `server.serve()`: that would take over the signals of the test run.
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    await server.startup()
    try:
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        await _stop(server)


async def _stop(server: Server) -> None:
    """Stop as uvicorn does, but without its pauses: nobody is left to be polite to."""
    for listener in server.servers:
        listener.close()
    for connection in list(server.server_state.connections):
        connection.shutdown()
    for task in list(server.server_state.tasks):
        task.cancel()
    async with asyncio.timeout(10):
        await asyncio.gather(*server.server_state.tasks, return_exceptions=True)
        await server.lifespan.shutdown()
