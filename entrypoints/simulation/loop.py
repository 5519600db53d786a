"""An event loop without a clock, a socket or a thread: somebody else says when."""

import asyncio
import heapq
from collections import deque
from collections.abc import Callable, Coroutine, Generator, Iterator
from contextlib import contextmanager
from contextvars import Context
from itertools import count
from typing import Any, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class SteppedLoop(asyncio.AbstractEventLoop):
    """Runs what is ready, in order, and jumps to the next timer when told to.

    Just enough of a loop for tasks, futures and timeouts, so that the very use cases
    that serve requests run on it, thousands of stories in a minute.
    """

    def __init__(self, on_jump: Callable[[float], None]) -> None:
        self._on_jump = on_jump
        self._now = 0.0
        self._ready: deque[asyncio.Handle] = deque()
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._numbers = count()
        self.complaints: list[dict[str, Any]] = []

    # --- What asyncio asks for --------------------------------------------------

    def time(self) -> float:
        return self._now

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return True

    def is_closed(self) -> bool:
        return False

    def call_soon(
        self,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.Handle:
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    def call_later(
        self,
        delay: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        return self.call_at(self._now + delay, callback, *args, context=context)

    def call_at(
        self,
        when: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        timer = asyncio.TimerHandle(when, callback, args, self, context)
        heapq.heappush(self._timers, (when, next(self._numbers), timer))
        return timer

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(
        self,
        coro: Coroutine[Any, Any, T] | Generator[Any, None, T],
        *,
        name: str | None = None,
        context: Context | None = None,
    ) -> asyncio.Task[T]:
        return asyncio.Task(coro, loop=self, name=name, context=context)

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        self.complaints.append(context)

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Do nothing: a cancelled timer is skipped when its time comes."""

    # --- What the director asks for ---------------------------------------------

    @contextmanager
    def running(self) -> Iterator[None]:
        """Be the loop of this thread for the body of the `with`."""
        asyncio._set_running_loop(self)  # noqa: SLF001  # as every event loop does
        try:
            yield
        finally:
            asyncio._set_running_loop(None)  # noqa: SLF001

    def run_ready(self) -> None:
        """Run until everybody waits for a gate, an answer or a timer."""
        ready = self._ready
        while ready:
            handle = ready.popleft()
            if not handle.cancelled():
                handle._run()  # noqa: SLF001  # as every event loop does

    def jump(self) -> bool:
        """Go to the next timer, if there is one."""
        while self._timers:
            when, _, timer = heapq.heappop(self._timers)
            if timer.cancelled():
                continue
            if when > self._now:
                self._now = when
                self._on_jump(when)
            self._ready.append(timer)
            return True
        return False
