import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import Final

from application.ports.locks import (
    DEFAULT_WAIT,
    HeldKey,
    LockNotReentrant,
    LockStatistics,
    LockTimeout,
    Spread,
)

REMEMBERED: Final = 1_000  # so many waits, and so many holds, make up the statistics


class InMemoryKeyedLock:
    """Named locks for the tasks of one event loop, first come, first served.

    Letting go hands the key straight to the first in line, so that nobody overtakes
    and nobody has to look again.  There are as many entries as requests that hold or
    wait, which the server bounds; an idle lock remembers no key.
    """

    def __init__(self, *, now: Callable[[], float] = monotonic) -> None:
        self._state = _State(now=now)

    def hold(
        self, key: str, *, wait: timedelta = DEFAULT_WAIT, operation: str
    ) -> "_Hold":
        return _Hold(self._state, key, wait, operation)

    def statistics(self) -> LockStatistics:
        state = self._state
        now = state.now()
        held = [
            HeldKey(
                key=key,
                operation=holder.operation,
                age=timedelta(seconds=now - holder.since),
                queue_length=len(state.lines.get(key, ())),
            )
            for key, holder in state.holders.items()
        ]
        return LockStatistics(
            active=len(held),
            waiting=sum(each.queue_length for each in held),
            acquired=state.acquired,
            contended=state.contended,
            timed_out=state.timed_out,
            wait_times=Spread.of(state.waits),
            hold_times=Spread.of(state.holds),
            held=tuple(sorted(held, key=lambda each: each.age, reverse=True)),
        )


@dataclass(slots=True, kw_only=True)
class _State:
    """What everybody at one lock shares."""

    now: Callable[[], float]
    loop: asyncio.AbstractEventLoop | None = None  # the one met last
    holders: dict[str, "_Hold"] = field(default_factory=dict)
    lines: dict[str, deque["_Hold"]] = field(default_factory=dict)  # never empty ones
    acquired: int = 0
    contended: int = 0
    timed_out: int = 0
    waits: deque[float] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    holds: deque[float] = field(default_factory=lambda: deque(maxlen=REMEMBERED))

    def meet(self) -> asyncio.Task[object] | None:
        """Learn which loop runs; Python 3.11 asks the system about it, each time."""
        self.loop = asyncio.get_running_loop()
        return asyncio.current_task(self.loop)


class _Hold:
    """One caller's visit.  Between two `await`s it is in line, holds, or is gone."""

    __slots__ = ("key", "operation", "since", "state", "task", "turn", "wait")

    since: float
    task: asyncio.Task[object] | None
    turn: asyncio.Future[bool]  # True: the key is yours; False: you waited too long

    def __init__(
        self, state: _State, key: str, wait: timedelta, operation: str
    ) -> None:
        self.state = state
        self.key = key
        self.wait = wait
        self.operation = operation

    async def __aenter__(self) -> None:
        state = self.state
        task = asyncio.current_task(state.loop) if state.loop else None
        self.task = task or state.meet()
        holder = state.holders.setdefault(self.key, self)
        if holder is self:
            self.since = state.now()
            waited = 0.0
        elif holder.task is self.task:
            raise LockNotReentrant(self.key)
        else:
            waited = await self._stand_in_line()
        state.acquired += 1
        state.waits.append(waited)

    async def __aexit__(self, _kind: object, _error: object, _trace: object) -> None:
        state = self.state
        if state.holders.get(self.key) is not self:
            raise RuntimeError(f"{self.key!r} is let go of by one who does not hold it")
        state.holds.append(state.now() - self.since)
        if self.key in state.lines:
            self._hand_over()
        else:
            del state.holders[self.key]

    async def _stand_in_line(self) -> float:
        state = self.state
        loop = asyncio.get_running_loop()
        asked = state.now()
        self.turn = loop.create_future()
        state.lines.setdefault(self.key, deque()).append(self)
        state.contended += 1
        timer = loop.call_later(self.wait.total_seconds(), self._give_up)
        try:
            is_mine = await self.turn
        except BaseException:
            self._withdraw()
            raise
        finally:
            timer.cancel()
        if is_mine:
            return self.since - asked

        waited = state.now() - asked
        state.timed_out += 1
        state.waits.append(waited)
        raise LockTimeout(self.key, waited=timedelta(seconds=waited))

    def take(self) -> None:
        self.state.holders[self.key] = self
        self.since = self.state.now()

    def _hand_over(self) -> None:
        heir = self._next_in_line()
        if heir is None:
            del self.state.holders[self.key]
        else:
            heir.take()
            heir.turn.set_result(True)

    def _next_in_line(self) -> "_Hold | None":
        line = self.state.lines.get(self.key)
        heir = None
        while line and heir is None:
            first = line.popleft()
            if not first.turn.done():  # or it was cancelled and has not woken yet
                heir = first
        self._forget_empty_line()
        return heir

    def _withdraw(self) -> None:
        if self.state.holders.get(self.key) is self:
            self._hand_over()  # the key arrived between the cancellation and its effect
        else:
            self._leave_line()

    def _give_up(self) -> None:
        if not self.turn.done():
            self._leave_line()
            self.turn.set_result(False)

    def _leave_line(self) -> None:
        line = self.state.lines.get(self.key)
        if line and self in line:
            line.remove(self)
            self._forget_empty_line()

    def _forget_empty_line(self) -> None:
        if not self.state.lines.get(self.key, True):
            del self.state.lines[self.key]
