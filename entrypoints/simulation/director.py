"""Who takes the next step, and what goes wrong in it: one seed decides."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from hashlib import blake2b
from random import Random
from typing import Any, Final

from application.ports.mail import MailNotSent
from application.ports.payments import PaymentGatewayUnavailable
from application.ports.storage import StorageUnavailable
from entrypoints.simulation.loop import SteppedLoop
from entrypoints.simulation.odds import DELAYS, Odds


class Crash(BaseException):
    """The process died: nothing after this point happens in it."""


@dataclass(eq=False, slots=True, kw_only=True)
class Life:
    """One process from its start to its end, and what goes on in it."""

    name: str
    is_dead: bool = False
    tasks: set[asyncio.Task[Any]] = field(default_factory=set)
    answers: list[asyncio.Future[Any]] = field(default_factory=list)


LIFE: Final[ContextVar[Life]] = ContextVar("life")


@dataclass(eq=False, slots=True)
class _Parked:
    life: Life
    moment: str
    task: asyncio.Task[Any] | None
    future: asyncio.Future[None]


class Director:
    """The gate that every call to the outside passes, before its effect and after it.

    Each task stops there.  When all have stopped, one of them, drawn by lot, goes on;
    when nobody is left, time jumps to whatever comes next.  `watch` is told after each
    effect and before anybody else has moved.
    """

    def __init__(
        self,
        loop: SteppedLoop,
        random: Random,
        odds: Odds,
        *,
        watch: Callable[[str], None],
        on_crash: Callable[[Life], None],
    ) -> None:
        self.odds = odds
        self.seen: Counter[str] = Counter()
        self.steps = 0
        self._loop = loop
        self._random = random
        self._watch = watch
        self._on_crash = on_crash
        self._parked: list[_Parked] = []
        self._trace = blake2b(digest_size=8)

    async def __call__(self, moment: str) -> None:
        life = LIFE.get()
        if life.is_dead:
            raise Crash
        if moment.startswith("after"):
            self._watch(moment)
        future = self._loop.create_future()
        self._parked.append(_Parked(life, moment, asyncio.current_task(), future))
        await future

    async def of_provider(self, moment: str) -> None:
        """Pass a moment that the payment gateway tells in its own way."""
        await self(_in_our_words(moment))

    @property
    def trace(self) -> str:
        """Return a digest of all that has happened."""
        return self._trace.hexdigest()

    def step(self) -> bool:
        """Let one task go on, or time; False when nothing is left to happen."""
        self._loop.run_ready()
        while self._parked:
            parked = self._draw()
            if not parked.life.is_dead and not parked.future.done():
                self._let_go(parked)
                return True
        return self._loop.jump()

    def note(self, what: str) -> None:
        """Count what happened, and make it a part of the trace."""
        self.seen[what] += 1
        self._trace.update(what.encode())

    def _draw(self) -> _Parked:
        parked = self._parked
        number = self._random.randrange(len(parked))
        parked[number], parked[-1] = parked[-1], parked[number]
        return parked.pop()

    def _let_go(self, parked: _Parked) -> None:
        self.steps += 1
        self._trace.update(f"{parked.life.name} {parked.moment};".encode())
        when, _, call = parked.moment.partition(" ")
        lot = self._random.random()
        odds = self.odds
        if lot < odds.unknown:
            self.note(f"unknown {when}")
            parked.future.set_exception(_silence_of(call))
        elif (lot := lot - odds.unknown) < odds.delay:
            self.note("delay")
            seconds = self._random.choice(DELAYS)
            self._loop.call_later(seconds, _wake, parked.future)
        elif (lot := lot - odds.delay) < odds.hang_up and parked.task is not None:
            self.note("hang up")
            parked.task.cancel()
        elif lot - odds.hang_up < odds.crash:
            self.note(f"crash {when}")
            self._kill(parked.life)
        else:
            parked.future.set_result(None)

    def _kill(self, life: Life) -> None:
        life.is_dead = True
        for answer in life.answers:
            if not answer.done():
                answer.set_result(Crash())
        self._on_crash(life)


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def _silence_of(call: str) -> Exception:
    port = call.partition(".")[0]
    if port == "payments":
        return PaymentGatewayUnavailable("simulated")
    return MailNotSent("simulated") if port == "mailer" else StorageUnavailable()


@cache
def _in_our_words(moment: str) -> str:
    call, _, when = moment.partition(":")
    return f"{when} payments.{call}"
