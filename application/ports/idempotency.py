"""Answers that are kept, so that a repeated request is answered and not done again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """What a request was answered, byte for byte."""

    status: int
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptKey:
    """A key that is in use.

    `fingerprint` tells one request from another; `until` is when whoever answers the
    request is given up; `answer` is there once it was answered.
    """

    fingerprint: str
    until: datetime
    answer: KeptAnswer | None = None


class IdempotencyKeys(Protocol):
    """The keys under which callers send what must not be done twice.

    It spares a caller a second effect and decides nothing else: where a key is lost or
    two callers hold it, the guards of the purchase itself still stand.  Whoever holds a
    key is known by the end of its lease, which no other holder of that key has.  Every
    call may raise `StorageUnavailable`.
    """

    async def begin(
        self,
        key: str,
        *,
        fingerprint: str,
        at: datetime,
        until: datetime,
        expires_at: datetime,
    ) -> bool:
        """Take a key that is not in use, or whose time has passed at `at`.

        Args:
            key: names the caller, the route and the caller's own key.
            fingerprint: of the request.
            at: now.
            until: the end of the lease.
            expires_at: when the key is forgotten, answered or not.

        Returns:
            Whether it is ours; of any number of callers, one is told so.
        """
        ...

    async def find(self, key: str) -> KeptKey | None:
        """Return what is known of a key, or None."""
        ...

    async def take_over(self, key: str, *, since: datetime, until: datetime) -> bool:
        """Take a key from a holder whose lease ended at `since` without an answer.

        Returns:
            Whether it is ours; of any number of callers, one is told so.
        """
        ...

    async def keep(self, key: str, answer: KeptAnswer, *, until: datetime) -> bool:
        """Keep the answer, if the key is still held with this lease.

        Returns:
            Whether it was.
        """
        ...

    async def release(self, key: str, *, until: datetime, at: datetime) -> bool:
        """End the lease at `at`, so that a repeat need not wait for its end.

        Returns:
            Whether it was still held with this lease.
        """
        ...
