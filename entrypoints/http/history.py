"""Writes down, beside the requests, what happened in this process."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

import structlog

from application.ports.storage import StorageUnavailable
from entrypoints.http.beside import Beside

PAUSE: Final = timedelta(seconds=2)

log = structlog.get_logger(__name__)


class HistoryLoop(Beside):
    """Keeps the history every few seconds; no request waits for it.

    What cannot be written waits for the next time.  The last of it is written by
    whoever hangs up the database, when nothing is left that could add to it.
    """

    name = "history loop"

    def __init__(
        self, keep: Callable[[], Awaitable[None]], *, pause: timedelta = PAUSE
    ) -> None:
        self._keep = keep
        self._pause = pause

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._pause.total_seconds())
            await self._keep_once()

    async def _keep_once(self) -> None:
        try:
            await self._keep()
        except StorageUnavailable:
            log.warning("history waits for the database")
        except Exception:
            log.exception("history loop stumbled")
