"""The way to the outside: who hangs up does not call back what is under way."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field
from inspect import isasyncgenfunction, iscoroutinefunction
from typing import Any, Final

from entrypoints.simulation.loop import SteppedLoop


class Crash(BaseException):
    """The process died: nothing after this point happens in it."""


@dataclass(eq=False, slots=True, kw_only=True)
class Life:
    """One process from its start to its end, and what goes on for it."""

    name: str
    is_dead: bool = False
    tasks: set[asyncio.Task[Any]] = field(default_factory=set)
    answers: list[asyncio.Future[Any]] = field(default_factory=list)

    def keep(self, task: asyncio.Task[Any]) -> None:
        """Remember a task until it is done."""
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


@dataclass(eq=False, slots=True)
class Errand:
    """One request that a process works on."""

    life: Life
    began: int = 0  # at which step of the story
    task: asyncio.Task[Any] | None = None


@dataclass(eq=False, slots=True)
class Call:
    """One call to the outside, and the future that its caller waits for."""

    errand: Errand
    answer: asyncio.Future[Any]


ERRAND: Final[ContextVar[Errand]] = ContextVar("errand")
CALL: Final[ContextVar[Call]] = ContextVar("call")


class Wire:
    """A port at the other end of a network.

    Each call is on its way in a task of its own: its effect may come after the caller
    was cancelled, was told that nobody answers, or died.
    """

    def __init__(self, port: object, loop: SteppedLoop) -> None:
        self._port = port
        self._loop = loop

    def __getattr__(self, name: str) -> Any:
        there = getattr(self._port, name)
        found = there
        if iscoroutinefunction(there):
            found = self._wired(there)
        elif isasyncgenfunction(there):
            found = self._listed(there)
        setattr(self, name, found)
        return found

    def _wired(self, there: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
        loop = self._loop

        async def call(*args: Any, **kwargs: Any) -> Any:
            errand = ERRAND.get()
            if errand.life.is_dead:
                raise Crash
            call = Call(errand, loop.create_future())
            context = copy_context()
            context.run(CALL.set, call)
            task = loop.create_task(there(*args, **kwargs), context=context)
            errand.life.keep(task)
            task.add_done_callback(lambda done: _hand_over(done, call))
            return await call.answer

        return call

    def _listed(
        self, there: Callable[..., AsyncGenerator[Any, None]]
    ) -> Callable[..., AsyncGenerator[Any, None]]:
        async def whole(*args: Any) -> list[Any]:
            return [each async for each in there(*args)]

        fetch = self._wired(whole)

        async def listed(*args: Any) -> AsyncGenerator[Any, None]:
            for each in await fetch(*args):
                yield each

        return listed


def _hand_over(task: asyncio.Task[Any], call: Call) -> None:
    error = None if task.cancelled() else task.exception()
    if task.cancelled() or call.errand.life.is_dead or call.answer.done():
        return
    if error is None:
        call.answer.set_result(task.result())
    else:
        call.answer.set_exception(error)
