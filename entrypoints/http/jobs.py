"""What is done again and again beside the requests, in the same process."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from types import TracebackType
from typing import Final, Self

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from application.ports.calls import Unwatched
from application.ports.storage import StorageUnavailable
from application.ports.urgency import unhurried
from entrypoints.http.leaving import AFTER_JOBS, Leaving

DRAIN_MAX: Final = timedelta(seconds=10)
JITTER: Final = 0.2  # of the interval, so that instances do not march in step
TURNS_MISSED_MAX: Final = 5
# A round that drives purchases every 15 s may itself take minutes (`ROUND_MAX` and one
# more drive, at a slow provider).  The alert SpotholdJobSilent has the same two limits.
SILENCE_ALLOWED: Final = timedelta(minutes=5)
UNWATCHED: Final = Unwatched().watching

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Something that may be done at any time, by any number of instances."""

    name: str
    every: timedelta
    run: Callable[[], Awaitable[object]]


class JobRunner:
    """Runs each job at once and then at its interval, give or take a fifth.

    No failure ends a job, and none runs twice at the same time.  Leaving lets those
    under way finish, for a while; what is cut off is done again elsewhere or later.
    """

    def __init__(
        self,
        jobs: Sequence[Job],
        *,
        drain: timedelta = DRAIN_MAX,
        leaving: Leaving | None = None,
        watch: Callable[[str], AbstractContextManager[None]] = UNWATCHED,
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._jobs = jobs
        self._drain = drain
        self._leaving = leaving or Leaving()
        self._watch = watch
        self._now = now
        self._ended: dict[str, float] = {}
        self._succeeded: dict[str, float] = {}
        self._running: set[asyncio.Task[object]] = set()
        self._scheduler: AsyncIOScheduler | None = None

    @property
    def is_alive(self) -> bool:
        """Say whether it runs and no job has hung for several turns and minutes."""
        if self._scheduler is None:
            return False
        return not any(map(self._has_hung, self._jobs))

    @property
    def since_success(self) -> Mapping[str, timedelta]:
        """Return how long ago each job ended well, or else was first begun."""
        now = self._now()
        return {
            name: timedelta(seconds=now - at) for name, at in self._succeeded.items()
        }

    @property
    def every(self) -> Mapping[str, timedelta]:
        """Return how often each job is run."""
        return {job.name: job.every for job in self._jobs}

    async def __aenter__(self) -> Self:
        scheduler = AsyncIOScheduler(timezone=UTC)
        for job in self._jobs:
            self._ended[job.name] = self._succeeded[job.name] = self._now()
            seconds = job.every.total_seconds()
            scheduler.add_job(
                self._run,
                IntervalTrigger(seconds=seconds, jitter=seconds * JITTER, timezone=UTC),
                [job],
                name=job.name,
                next_run_time=datetime.now(UTC),
                max_instances=1,
                coalesce=True,
                misfire_grace_time=None,
            )
        scheduler.start()
        self._scheduler = scheduler
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._scheduler is None:
            return
        self._scheduler.pause()
        if self._running:
            drain = self._leaving.allow(self._drain, spare=AFTER_JOBS)
            await asyncio.wait(self._running, timeout=drain.total_seconds())
        cut_off = set(self._running)
        self._scheduler.shutdown(wait=False)
        self._scheduler = None
        for task in cut_off:
            task.cancel()
        if cut_off:
            log.warning("jobs cut off", number=len(cut_off))
            await asyncio.wait(cut_off)

    async def _run(self, job: Job) -> None:
        if self._leaving.is_under_way:
            return  # another instance does it, or this one when it is back
        task = asyncio.current_task()
        if task is not None:
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        with structlog.contextvars.bound_contextvars(job=job.name):
            await self._run_once(job)
        self._ended[job.name] = self._now()

    async def _run_once(self, job: Job) -> None:
        try:
            with self._watch(f"job {job.name}"), unhurried():
                await job.run()
            self._succeeded[job.name] = self._now()
        except asyncio.CancelledError:
            if self._scheduler is not None:
                raise
            # Cut off by us, which was said once for all: the scheduler would word
            # each as an error with its trace.
        except StorageUnavailable:
            log.warning("job waits for the database")
        except Exception:
            log.exception("job stumbled")

    def _has_hung(self, job: Job) -> bool:
        silent_for = self._now() - self._ended[job.name]
        allowed = max(job.every * TURNS_MISSED_MAX, SILENCE_ALLOWED)
        return silent_for > allowed.total_seconds()
