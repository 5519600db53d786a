import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass

import uvicorn

from entrypoints.inbox.app import create_app
from entrypoints.inbox.catcher import catching
from entrypoints.inbox.mailbox import Inbox


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningInbox:
    inbox: Inbox
    smtp_port: int
    port: int
    host: str

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def smtp_url(self) -> str:
        return f"smtp://{self.host}:{self.smtp_port}"


class _Server(uvicorn.Server):
    """Leaves Ctrl-C to whoever runs the inbox."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        return nullcontext()


@asynccontextmanager
async def running_inbox(
    *, smtp_port: int = 1025, port: int = 8025, host: str = "127.0.0.1"
) -> AsyncIterator[RunningInbox]:
    """Catch mail and show it for the body of an `async with`; port 0 takes a free one.

    Raises:
        OSError: a port is taken.
    """
    inbox = Inbox()
    async with (
        catching(inbox, host=host, port=smtp_port) as caught_at,
        _showing(inbox, host=host, port=port) as shown_at,
    ):
        yield RunningInbox(inbox=inbox, smtp_port=caught_at, port=shown_at, host=host)


@asynccontextmanager
async def _showing(inbox: Inbox, *, host: str, port: int) -> AsyncIterator[int]:
    # Listening before serving: a request may come at once and waits for its answer.
    with socket.create_server((host, port)) as listening:
        config = uvicorn.Config(create_app(inbox), log_level="warning", lifespan="off")
        server = _Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            await serving
