"""How often and how long we ask; one layer retries, and it is this one."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from tenacity import (
    AsyncRetrying,
    retry_if_exception,
    stop_after_attempt,
    wait_random_exponential,
)

from adapters.stripe.errors import is_worth_another_try

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """What a buyer who waits for an answer can be expected to bear.

    Args:
        tries: how often one request is sent at most.
        per_try: how long one of them may take, body included.
        pause: the longest first pause; it doubles, and chance picks within it ("full
            jitter"), so that those who failed together do not come back together.
        overall: how long a call may take, all its requests and pauses included.
    """

    tries: int = 3
    per_try: timedelta = timedelta(seconds=3)
    pause: timedelta = timedelta(milliseconds=250)
    overall: timedelta = timedelta(seconds=8)

    def deadline(self) -> asyncio.Timeout:
        """Bound a whole call; it raises `TimeoutError` around what it cut off."""
        return asyncio.timeout(self.overall.total_seconds())

    async def insist(self, send: Callable[[], Awaitable[Answer]]) -> Answer:
        """Send until answered, refused, or tired; raise what the last try raised.

        Nearly always the first try is the last, and then nothing is set up for others.
        """
        try:
            return await send()
        except Exception as error:
            if not is_worth_another_try(error):
                raise
            return await self._again(send, error)

    async def _again(
        self, send: Callable[[], Awaitable[Answer]], error: Exception
    ) -> Answer:
        """Go on where the first try ended, which counts."""
        retrying = AsyncRetrying(
            stop=stop_after_attempt(self.tries),
            wait=wait_random_exponential(multiplier=self.pause.total_seconds()),
            retry=retry_if_exception(is_worth_another_try),
            reraise=True,
        )
        failed = [error]

        async def send_once() -> Answer:  # tenacity awaits only an `async def`
            if failed:
                raise failed.pop()
            return await send()

        return await retrying(send_once)
