"""Strike a use case at each of its moments, and once more on the way back."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.errors import ApplicationError
from domain.errors import DomainError
from entrypoints.use_cases import UseCases
from tests.application.ends import end_of
from tests.application.memory import Contents, Outside
from tests.application.reconcile import jobs_of
from tests.crash.gate import Blow, Fault
from tests.crash.script import Script
from tests.crash.stage import Stage
from tests.fakes.turnstile import Crash

AGAIN: Final = "again"
ROUNDS_MAX: Final = 12
ROUND: Final = timedelta(minutes=61)  # longer than any claim, lease, turn or page
EXPECTED: Final = (ApplicationError, DomainError, Crash, asyncio.CancelledError)

BETWEEN_SEND_AND_MARK: Final = (
    "after mailer.send_confirmation",
    "after mailer.send_notice",
    "before outbox.swap",
)

Work = Callable[[], Awaitable[object]]
Bend = Callable[[UseCases], None]


class NotSettled(AssertionError):
    """Reconcile alone did not bring everything to a right end."""


@dataclass(frozen=True, slots=True)
class Run:
    """Where it was struck, and how it ended."""

    where: tuple[str, ...]
    end: str
    copies: int  # mails beyond the first of each

    @property
    def may_have_copied(self) -> bool:
        """Say whether it was struck between sending a mail and marking it as sent."""
        return any(each.endswith(BETWEEN_SEND_AND_MARK) for each in self.where)


class Sweep:
    """All runs of one script; each begins where the script is ready to be struck."""

    def __init__(self, script: Script, bend: Bend = lambda _use_cases: None) -> None:
        self._script = script
        self._stage = Stage()
        bend(self._stage.world.service)

    async def ready(self) -> None:
        stage = self._stage
        act = await self._script.begin(stage.world)
        self._act: Work = lambda: act(stage.world.service)
        self._jobs = list(jobs_of(stage.world.service))
        self._outside = Outside(stage.world)
        self._start = self._outside.remember()

    async def moments(self) -> Sequence[str]:
        """Return the moments of the use case when nothing goes wrong."""
        return await self._moments(self._act, self._start)

    async def singles(self, faults: Iterable[Fault]) -> AsyncIterator[Run]:
        """Strike once at each moment, then let reconcile alone go on.

        And once more where whoever asked asks again, undisturbed.
        """
        async for where in self._struck(self._act, self._start, faults):
            after = self._outside.remember()
            yield await self._settled(where)
            await self._do(self._act, after, None)
            yield await self._settled(where, AGAIN)

    async def pairs(
        self, firsts: Iterable[Fault], seconds: Sequence[Fault]
    ) -> AsyncIterator[Run]:
        """Strike at each moment, and again: when it is repeated, or on the way back."""
        async for first in self._struck(self._act, self._start, firsts):
            after = self._outside.remember()
            async for second in self._struck(self._act, after, seconds):
                yield await self._settled(first, f"{AGAIN}, {second}")
            async for state, name, job in self._way_back(after):
                async for second in self._struck(job, state, seconds):
                    where = (first, f"{name}, {second}")
                    yield await self._settled(*where, is_moved=True)

    # --- Inside -------------------------------------------------------------------

    async def _struck(
        self, work: Work, start: Contents, faults: Iterable[Fault]
    ) -> AsyncIterator[str]:
        moments = await self._moments(work, start)
        for fault in faults:
            for point, moment in enumerate(moments):
                await self._do(work, start, Blow(fault, point))
                yield f"{fault} {moment}"

    async def _moments(self, work: Work, start: Contents) -> Sequence[str]:
        await self._do(work, start, None)
        return tuple(self._stage.gate.moments)

    async def _do(self, work: Work, start: Contents, blow: Blow | None) -> None:
        """Work in a process that may be struck, from a state of the world."""
        self._outside.restore(start)
        self._stage.begin(blow)
        with suppress(*EXPECTED):
            await work()
        self._stage.end()

    def _move_on(self) -> None:
        """Let the people outside do what they do after it."""
        if self._script.then is not None:
            self._script.then(self._stage.world)

    async def _settled(self, *where: str, is_moved: bool = False) -> Run:
        """Let reconcile run undisturbed, and return how everything ended.

        Raises:
            NotSettled: it does not end.
            Violated: an invariant did not hold on the way.
        """
        if not is_moved:
            self._move_on()
        self._stage.begin(None)
        for _ in range(ROUNDS_MAX):
            self._stage.world.advance(ROUND)
            for _name, job in self._jobs:
                await job()
            self._stage.check()
            if self._stage.what_is_left is None:
                end = end_of(self._stage.world)
                return Run(where, end, self._stage.copies)
        raise NotSettled(self._stage.what_is_left)

    async def _way_back(
        self, start: Contents
    ) -> AsyncIterator[tuple[Contents, str, Work]]:
        """Yield each job of an undisturbed recovery, with the state that it met."""
        self._outside.restore(start)
        self._move_on()
        for _ in range(ROUNDS_MAX):
            self._stage.world.advance(ROUND)
            for name, job in self._jobs:
                state = self._outside.remember()
                yield state, name, job
                await self._do(job, state, None)
            if self._stage.what_is_left is None:
                return
        raise NotSettled(self._stage.what_is_left)
