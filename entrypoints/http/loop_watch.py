"""Measures how late the event loop is with what is due."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from types import TracebackType
from typing import Final, Self

import structlog

from application.ports.metrics import Metrics

PAUSE: Final = timedelta(seconds=0.5)
TOO_LATE: Final = timedelta(seconds=1)

log = structlog.get_logger(__name__)


class LoopWatch:
    """Sleeps a little, again and again, and sees how much longer it took.

    Something that blocks makes everything late at once: timeouts, locks, answers.  What
    is late is right all the same; this says why it was late (hazard 36).
    """

    def __init__(self, metrics: Metrics, *, pause: timedelta = PAUSE) -> None:
        self._metrics = metrics
        self._pause = pause
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="loop watch")
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
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + self._pause.total_seconds()
            await asyncio.sleep(self._pause.total_seconds())
            lag = timedelta(seconds=max(0.0, loop.time() - due))
            self._metrics.time_lag(lag)
            if lag >= TOO_LATE:
                log.warning("event loop stalled", seconds=round(lag.total_seconds(), 3))
