"""One gate before the whole outside, which counts, stops and interrupts."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

Act = Callable[[], Awaitable[object]]


class Crash(BaseException):
    """The process dies here: nothing after this point happens in it."""


class Turnstile:
    """What every call to the outside passes, before its effect and after it.

    `moments` are told as "before purchases.add" and "after purchases.add".  A test lets
    the process die at the nth of them, or lets somebody else act in between.
    """

    def __init__(self) -> None:
        self.moments: list[str] = []
        self._crash_at: int | None = None
        self._acts: dict[str, list[Act]] = {}

    async def __call__(self, moment: str) -> None:
        await asyncio.sleep(0)
        self.moments.append(moment)
        if self._crash_at == len(self.moments) - 1:
            raise Crash(moment)
        waiting = self._acts.get(moment)
        if waiting:
            await waiting.pop(0)()

    async def of_provider(self, moment: str) -> None:
        """Pass a moment that the payment gateway tells in its own way."""
        call, _, when = moment.partition(":")
        await self(f"{when} payments.{call}")

    def crash_at(self, number: int | None) -> None:
        """Die at that moment, counted from 0, or never."""
        self._crash_at = number

    def once(self, moment: str, act: Act) -> None:
        """Act when that moment comes, once; a second act waits for the next time."""
        self._acts.setdefault(moment, []).append(act)

    def fail_once(self, moment: str, error: Exception) -> None:
        """Raise when that moment comes, once."""

        async def fail() -> None:
            raise error

        self.once(moment, fail)

    def forget(self) -> None:
        """Count from here."""
        self.moments.clear()

    @property
    def calls(self) -> Counter[str]:
        """Return how often each call was made, answered or not."""
        return Counter(
            moment.removeprefix("before ")
            for moment in self.moments
            if moment.startswith("before ")
        )
