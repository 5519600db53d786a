"""Is it alive, is it ready, and who waits for whom."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

import structlog
from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.status_codes import HTTP_200_OK, HTTP_503_SERVICE_UNAVAILABLE

from application.errors import ApplicationError
from application.ports.health import StorageHealth
from application.ports.locks import STEPS, LockStatistics, Spread
from entrypoints.http import samples
from entrypoints.http.auth import ADMIN_ONLY, PUBLIC
from entrypoints.http.background import MailLoop
from entrypoints.http.jobs import JobRunner
from entrypoints.http.leaving import Leaving
from entrypoints.http.openapi import (
    OPEN_TO_ALL,
    not_ready,
    refusals,
    refusals_of_all,
)
from entrypoints.http.shapes import Shape, Success

CHECK_MAX: Final = timedelta(seconds=2)

log = structlog.get_logger(__name__)


class HealthShape(Shape):
    version: str
    uptime_seconds: int
    status: Literal["ok"] = "ok"


class DatabaseShape(Shape):
    ok: bool
    embedded: bool
    problem: str | None
    note: str | None


class MailShape(Shape):
    ok: bool


class JobsShape(Shape):
    ok: bool


class ReadyShape(Shape):
    ready: bool
    leaving: bool
    database: DatabaseShape
    mail: MailShape
    jobs: JobsShape


class HeldShape(Shape):
    key: str
    operation: str
    age_ms: float
    queue: int


class StepShape(Shape):
    """How many took up to that long and longer than the step before; null: longer."""

    up_to_ms: float | None
    count: int

    @classmethod
    def all_of(cls, times: Spread) -> "list[StepShape]":
        ends = [*map(_ms, STEPS), None]
        steps = zip(ends, times.counts, strict=True)
        return [cls(up_to_ms=end, count=count) for end, count in steps]


class LocksShape(Shape):
    """The seed's four figures first; times in milliseconds.

    The times are of the last waits and holds, as many as are kept.
    """

    active_locks: int
    total_locks_acquired: int
    average_wait_time: float
    health: Literal["healthy", "warning"]
    waiting: int
    timeouts: int
    contended: int
    p95_wait_ms: float
    p95_hold_ms: float
    waits: list[StepShape]
    holds: list[StepShape]
    held: list[HeldShape]

    @classmethod
    def of(cls, seen: LockStatistics) -> "LocksShape":
        return cls(
            active_locks=seen.active,
            total_locks_acquired=seen.acquired,
            average_wait_time=_ms(seen.wait_times.mean),
            health="warning" if seen.is_crowded else "healthy",
            waiting=seen.waiting,
            timeouts=seen.timed_out,
            contended=seen.contended,
            p95_wait_ms=_ms(seen.wait_times.p95),
            p95_hold_ms=_ms(seen.hold_times.p95),
            waits=StepShape.all_of(seen.wait_times),
            holds=StepShape.all_of(seen.hold_times),
            held=[
                HeldShape(
                    key=each.key,
                    operation=each.operation,
                    age_ms=_ms(each.age),
                    queue=each.queue_length,
                )
                for each in seen.held
            ],
        )


def _ms(time: timedelta) -> float:
    return round(time.total_seconds() * 1000, 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitality:
    """That the process lives, and since when."""

    version: str
    started: float
    now: Callable[[], float]

    def __call__(self) -> HealthShape:
        uptime = int(self.now() - self.started)
        return HealthShape(version=self.version, uptime_seconds=uptime)


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Whether requests should be sent here: the database, the mail loop, the jobs.

    Whoever leaves is not ready from the moment it is told to, while it still answers.
    """

    health: StorageHealth
    is_embedded: bool
    mail_loop: MailLoop | None
    jobs: JobRunner | None
    leaving: Leaving
    patience: timedelta = CHECK_MAX

    async def __call__(self) -> ReadyShape:
        problem = await self._storage_problem()
        note = "not for production" if self.is_embedded else None
        mail = MailShape(ok=self.mail_loop is None or self.mail_loop.is_alive)
        jobs = JobsShape(ok=self.jobs is None or self.jobs.is_alive)
        leaves = self.leaving.is_under_way
        return ReadyShape(
            ready=problem is None and mail.ok and jobs.ok and not leaves,
            leaving=leaves,
            database=DatabaseShape(
                ok=problem is None,
                embedded=self.is_embedded,
                problem=problem,
                note=note,
            ),
            mail=mail,
            jobs=jobs,
        )

    async def _storage_problem(self) -> str | None:
        """Return the code of what is wrong; the details are for the log."""
        try:
            async with asyncio.timeout(self.patience.total_seconds()):
                await self.health.check()
        except ApplicationError as error:
            log.warning("not ready", code=error.code, why=str(error))
            return error.code
        except TimeoutError:
            log.warning("not ready", code="storage_slow")
            return "storage_slow"
        return None


class OperationsController(Controller):
    path = "/api/system"
    tags = ("Operations",)

    @get(
        "/health",
        opt={PUBLIC: True},
        responses=refusals_of_all(),
        security=OPEN_TO_ALL,
        summary="Say that the process lives",
        sync_to_thread=False,
    )
    def health(self, vitality: NamedDependency[Vitality]) -> HealthShape:
        return vitality()

    @get(
        "/ready",
        opt={PUBLIC: True},
        responses=refusals_of_all() | not_ready(ReadyShape),
        security=OPEN_TO_ALL,
        summary="Say whether requests should be sent here",
    )
    async def ready(
        self, readiness: NamedDependency[Readiness]
    ) -> Response[ReadyShape]:
        state = await readiness()
        status = HTTP_200_OK if state.ready else HTTP_503_SERVICE_UNAVAILABLE
        return Response(state, status_code=status)

    @get(
        "/locks",
        opt={ADMIN_ONLY: True},
        responses=refusals(samples.NOT_ADMIN),
        summary="Show who holds which lock, and how waiting went",
        sync_to_thread=False,
    )
    def locks(self, statistics: NamedDependency[LockStatistics]) -> Success[LocksShape]:
        return Success(data=LocksShape.of(statistics))
