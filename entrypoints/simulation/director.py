"""Who takes the next step, and what goes wrong in it: one seed decides."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from random import Random
from typing import Final

from application.ports.mail import MailNotSent
from application.ports.payments import PaymentGatewayUnavailable
from application.ports.storage import StorageUnavailable
from entrypoints.simulation.loop import SteppedLoop
from entrypoints.simulation.odds import DELAYS, Odds
from entrypoints.simulation.wire import CALL, Call, Crash, Life

LOST: Final = 0.6  # of the calls that a fault struck before their effect


@dataclass(eq=False, slots=True)
class _Parked:
    call: Call
    moment: str
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
        call = CALL.get()
        if moment.startswith("after"):
            self._watch(moment)
        if call.errand.life.is_dead:
            raise Crash
        future = self._loop.create_future()
        self._parked.append(_Parked(call, moment, future))
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
            if not parked.call.errand.life.is_dead and not parked.future.done():
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
        life = parked.call.errand.life
        self._trace.update(f"{life.name} {parked.moment};".encode())
        fault = self._draw_fault()
        if fault is None:
            parked.future.set_result(None)
            return
        when, _, call = parked.moment.partition(" ")
        self.note(f"{fault} {when}")
        self._strike(fault, parked.call, call)
        self._go_on_later(parked, may_be_lost=when == "before" and fault != "delay")

    def _draw_fault(self) -> str | None:
        lot = self._random.random()
        odds = self.odds
        for fault, chance in (
            ("unknown", odds.unknown),
            ("delay", odds.delay),
            ("hang up", odds.hang_up),
            ("crash", odds.crash),
        ):
            if lot < chance:
                return fault
            lot -= chance
        return None

    def _strike(self, fault: str, call: Call, name: str) -> None:
        if fault == "unknown" and not call.answer.done():
            call.answer.set_exception(_silence_of(name))
        if fault == "hang up" and call.errand.task is not None:
            call.errand.task.cancel()
        if fault == "crash":
            self._kill(call.errand.life)

    def _go_on_later(self, parked: _Parked, *, may_be_lost: bool) -> None:
        """Let a call that was on its way arrive some time, or never."""
        if may_be_lost and self._random.random() < LOST:
            self.note("lost call")
            return
        seconds = self._random.choice(DELAYS)
        self._loop.call_later(seconds, _wake, parked.future)

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
