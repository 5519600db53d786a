"""Writes down, beside the requests, what happened in this process."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from types import TracebackType
from typing import Final, Self

import structlog

from application.ports.storage import StorageUnavailable

PAUSE: Final = timedelta(seconds=2)

log = structlog.get_logger(__name__)


class HistoryLoop:
    """Keeps the history every few seconds; no request waits for it.

    What cannot be written waits for the next time.  The last of it is written by
    whoever hangs up the database, when nothing is left that could add to it.
    """

    def __init__(
        self, keep: Callable[[], Awaitable[None]], *, pause: timedelta = PAUSE
    ) -> None:
        self._keep = keep
        self._pause = pause
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="history loop")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._task is None:
            return
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

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
