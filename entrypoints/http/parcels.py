"""Bodies that come before their requests have a place to be worked at."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Final

from litestar.types import Receive

SENDING_MAX: Final = 20.0  # seconds for a body, from the first look at it to its end
HELD_MAX: Final = (
    32 * 1024 * 1024
)  # bytes of all bodies together: a starter has 512 MiB


class HandsFull(Exception):
    """So much is held for others that no more can be."""


@dataclass(slots=True, kw_only=True)
class Hands:
    """Counts what is held in all parcels together."""

    most: int = HELD_MAX
    patience: float = SENDING_MAX
    held: int = 0


@dataclass(slots=True)
class Parcel:
    """What one request has sent so far; to call it is to receive it.

    Args:
        hands: who holds it.
        receive: where it comes from.
        most: what its request may send, in bytes; the rest is left where it is.
    """

    hands: Hands
    receive: Receive
    most: int
    _size: int = 0
    _messages: deque[Any] = field(default_factory=deque)

    async def come(self) -> None:
        """Wait for the body, or for more than it may be.

        Raises:
            HandsFull: others hold too much.
            TimeoutError: it takes too long to come.
        """
        async with asyncio.timeout(self.hands.patience):
            has_more = True
            while has_more and self._size <= self.most:
                message: Any = await self.receive()
                self._messages.append(message)
                self._take(len(message.get("body", b"")))
                has_more = message.get("more_body", False)  # who hung up sends no more

    def let_go(self) -> None:
        """Hold it no longer: its request has ended."""
        self.hands.held -= self._size
        self._size = 0

    async def __call__(self) -> Any:
        return self._messages.popleft() if self._messages else await self.receive()

    def _take(self, size: int) -> None:
        self._size += size
        self.hands.held += size
        if self.hands.held > self.hands.most:
            raise HandsFull
