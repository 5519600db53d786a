"""Work that a process does beside its requests, for as long as it serves."""

import asyncio
from abc import ABC, abstractmethod
from contextlib import suppress
from types import TracebackType
from typing import ClassVar, Self


class Beside(ABC):
    """Runs for the body of an `async with`, and is cut off at its end."""

    name: ClassVar[str]
    _task: asyncio.Task[None] | None = None

    @abstractmethod
    async def _run(self) -> None:
        """Do it, again and again."""

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name=self.name)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._task is None:
            return
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
