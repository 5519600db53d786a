"""Deliver mail beside the requests, in the same process."""

import asyncio
from datetime import timedelta
from types import TracebackType
from typing import Final, Protocol, Self

import structlog

from application.ports.storage import StorageUnavailable
from application.ports.urgency import unhurried
from entrypoints.http.leaving import AFTER_MAIL, Leaving

PAUSE: Final = timedelta(seconds=5)
DRAIN_MAX: Final = timedelta(seconds=10)

log = structlog.get_logger(__name__)


class Wakes(Protocol):
    async def wait(self, timeout: timedelta) -> bool:  # noqa: ASYNC109  # a pause
        """Return when somebody rang, or when the time is over."""
        ...


class Delivers(Protocol):
    async def __call__(self) -> int:
        """Try what is due; return how much of it went out."""
        ...


class MailLoop:
    """Delivers when the bell rings, and every few seconds in case nobody rang.

    No failure ends it.  Leaving it lets the mail on its way finish, for a while; what
    is cut off then is tried again when its lease ends.
    """

    def __init__(
        self,
        deliver: Delivers,
        bell: Wakes,
        *,
        pause: timedelta = PAUSE,
        drain: timedelta = DRAIN_MAX,
        leaving: Leaving | None = None,
    ) -> None:
        self._deliver = deliver
        self._bell = bell
        self._pause = pause
        self._drain = drain
        self._end = leaving or Leaving()
        self._leaving = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def is_alive(self) -> bool:
        return self._task is not None and not self._task.done()

    async def __aenter__(self) -> Self:
        self._leaving.clear()
        self._task = asyncio.create_task(self._run(), name="mail loop")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._leaving.set()
        if self._task is None:
            return
        drain = self._end.allow(self._drain, spare=AFTER_MAIL)
        _, late = await asyncio.wait({self._task}, timeout=drain.total_seconds())
        for task in late:
            log.warning("mail loop cut off")
            task.cancel()
            await asyncio.wait({task})

    async def _run(self) -> None:
        while not self._leaving.is_set():
            if not await self._deliver_once():
                await self._rest()

    async def _deliver_once(self) -> int:
        """Return how many mails went out: after some there may be more."""
        try:
            with unhurried():  # of Stripe it asks what was paid with, and for nobody
                return await self._deliver()
        except StorageUnavailable:
            log.warning("mail waits for the database")
        except Exception:
            log.exception("mail loop stumbled")
        return 0

    async def _rest(self) -> None:
        """Wait for the bell, a while, or the end, whichever comes first."""
        waits = {
            asyncio.ensure_future(self._bell.wait(self._pause)),
            asyncio.ensure_future(self._leaving.wait()),
        }
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
