"""The server: it says that it will leave before it does."""

import asyncio
import resource
import signal
import socket
from datetime import timedelta
from types import FrameType
from typing import Any, Final

import uvicorn

from entrypoints.http.closing_door import close_the_door, hear_out
from entrypoints.http.leaving import AFTER_REQUESTS, Leaving
from entrypoints.settings import Settings

# Longer than a load balancer keeps an idle connection: it must be the one to close.
KEEP_ALIVE_SECONDS: Final = 75
# Beyond so many uvicorn says no to whoever it is; our own door, which knows whom to let
# in first, must be reached before (docs/adr/0030).
CONNECTIONS_MAX: Final = 2000
FILES_BESIDE: Final = 200  # to the database, to Stripe, logs, what Python has open
HEAR_OUT_MAX: Final = 1.0  # seconds for a request that is on the wire; most take none


def server_config(app: Any, settings: Settings) -> uvicorn.Config:
    """Return how the app is served, where, and how long its last requests may take."""
    drain = settings.stop_grace - settings.stop_announce - AFTER_REQUESTS
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # the app reads them itself, from trusted proxies only
        limit_concurrency=connections_max(),
        timeout_graceful_shutdown=round(drain.total_seconds()),
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )


def connections_max() -> int:
    """Return how many may be connected, having asked the system for as many files.

    A connection too many for the system is one that nobody can even refuse.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS_MAX + FILES_BESIDE
    if soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return max(1, min(CONNECTIONS_MAX, soft - FILES_BESIDE))


class Server(uvicorn.Server):
    """Stays a while after SIGTERM, not ready, so that the balancer sends others.

    Ctrl-C, or asking twice, ends that while.  What is then in flight is finished, and
    whoever has connected is answered; who comes later is refused, and so may be sent
    to another instance, whatever was asked (docs/adr/0032).
    """

    def __init__(
        self, config: uvicorn.Config, *, leaving: Leaving, announce: timedelta
    ) -> None:
        super().__init__(config)
        self._leaving = leaving
        self._announce = announce.total_seconds()
        self._loop = asyncio.get_running_loop()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Do as uvicorn does, later: this is called between any two instructions."""
        is_first = not self._leaving.is_under_way
        self._leaving.begin()
        if is_first and sig == signal.SIGTERM and self._announce:
            self._loop.call_soon_threadsafe(self._leave_later, sig)
        else:
            super().handle_exit(sig, frame)

    def _leave_later(self, sig: int) -> None:
        self._loop.call_later(self._announce, super().handle_exit, sig, None)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the door, hear out who is inside, and end as uvicorn does."""
        await close_the_door(self.servers, self._new_guest)
        await hear_out(self._is_anyone_silent, at_most=HEAR_OUT_MAX)
        await super().shutdown(sockets)

    def _new_guest(self) -> asyncio.Protocol:
        protocol: Any = self.config.http_protocol_class
        guest: asyncio.Protocol = protocol(
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
        )
        return guest

    def _is_anyone_silent(self) -> bool:
        """Say whether a connection has not asked for anything yet."""
        connections = self.server_state.connections
        return any(getattr(each, "cycle", each) is None for each in connections)
