"""Work that nobody waits for, and that ends when the simulator does."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


class Background:
    def __init__(self) -> None:
        self.tasks: set[asyncio.Task[Any]] = set()
        self.timers: set[asyncio.TimerHandle] = set()

    def start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    def later(self, seconds: float, function: Callable[[], None]) -> None:
        def run() -> None:
            self.timers.discard(timer)
            function()

        timer = asyncio.get_running_loop().call_later(seconds, run)
        self.timers.add(timer)

    async def close(self) -> None:
        self.drop_timers()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def drop_timers(self) -> None:
        for timer in self.timers:
            timer.cancel()
        self.timers.clear()
