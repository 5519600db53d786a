"""One line a minute on who waited for whom, as the first system wrote it."""

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from application.ports.locks import LockStatistics
from entrypoints.http.operations import LocksShape

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class LockLog:
    """Writes the figures of `/api/system/locks`, times in milliseconds.

    A warning where too many locks are held at once (`LockStatistics.is_crowded`).  No
    keys: they name buyers.
    """

    statistics: Callable[[], LockStatistics]

    async def __call__(self) -> None:
        seen = LocksShape.of(self.statistics())
        write = log.info if seen.health == "healthy" else log.warning
        write(
            "lock statistics",
            active_locks=seen.active_locks,
            total_locks_acquired=seen.total_locks_acquired,
            average_wait_time=seen.average_wait_time,
            health=seen.health,
            waiting=seen.waiting,
            timeouts=seen.timeouts,
            contended=seen.contended,
            p95_wait_ms=seen.p95_wait_ms,
            p95_hold_ms=seen.p95_hold_ms,
        )
