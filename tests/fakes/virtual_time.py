"""An event loop on which an hour passes at once, and every time in the same way."""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Context
from selectors import SelectorKey, SelectSelector
from typing import Any, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class EverybodyWaits(AssertionError):
    """Nothing is ready and no timer is set: somebody was never woken."""


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Jumps to the next timer instead of sleeping until it.

    Nothing outside the process can wake it, so where an ordinary loop would hang for
    ever this one raises `EverybodyWaits`.
    """

    def __init__(self) -> None:
        self._now = 0.0
        self._timers: list[asyncio.TimerHandle] = []
        super().__init__(_JumpingSelector(self._jump))

    def time(self) -> float:
        return self._now

    def call_at(
        self,
        when: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        timer = super().call_at(when, callback, *args, context=context)
        self._timers.append(timer)
        return timer

    def live_timers(self) -> int:
        """Count the timers that are set, not cancelled, and still to come."""
        return sum(
            not timer.cancelled() and timer.when() > self._now for timer in self._timers
        )

    def stall(self, seconds: float) -> None:
        """Let time pass in the middle of a step, as something that blocks would."""
        self._jump(seconds)

    def _jump(self, seconds: float) -> None:
        self._now += seconds


class _JumpingSelector(SelectSelector):
    def __init__(self, jump: Callable[[float], None]) -> None:
        super().__init__()
        self._jump = jump

    def select(self, timeout: float | None = None) -> list[tuple[SelectorKey, int]]:
        if timeout is None:
            raise EverybodyWaits
        self._jump(timeout)
        return super().select(0)


def run_in_virtual_time(main: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main)


def virtual_time_loop() -> VirtualTimeLoop:
    """Return the loop that `run_in_virtual_time` runs the caller on."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop)
    return loop
