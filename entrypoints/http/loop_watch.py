"""Measures how late the event loop is with what is due, and how much there is of it."""

import asyncio
from datetime import timedelta
from typing import Final

import structlog

from application.ports.metrics import Metrics
from entrypoints.http.beside import Beside

PAUSE: Final = timedelta(seconds=0.5)
TOO_LATE: Final = timedelta(seconds=1)

log = structlog.get_logger(__name__)


class LoopWatch(Beside):
    """Sleeps a little, again and again, and sees how much longer it took.

    Something that blocks makes everything late at once: timeouts, locks, answers.  What
    is late is right all the same; this says why it was late (hazard 36).
    """

    name = "loop watch"

    def __init__(self, metrics: Metrics, *, pause: timedelta = PAUSE) -> None:
        self._metrics = metrics
        self._pause = pause

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + self._pause.total_seconds()
            await asyncio.sleep(self._pause.total_seconds())
            lag = timedelta(seconds=max(0.0, loop.time() - due))
            self._metrics.time_lag(lag)
            self._metrics.show_tasks(len(asyncio.all_tasks()))
            if lag >= TOO_LATE:
                log.warning("event loop stalled", seconds=round(lag.total_seconds(), 3))
