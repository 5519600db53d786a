"""Mutual exclusion by name: who waits.

Who *wins* is never decided here but by conditional updates in the database, so that a
lock that fails, lies or sleeps costs somebody time and nobody money.
"""

from bisect import bisect_right
from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from math import ceil
from typing import Final, Protocol, Self

from application.errors import ApplicationError

DEFAULT_WAIT: Final = timedelta(seconds=5)
CHECKOUT_WAIT: Final = timedelta(seconds=10)  # longer than one whole checkout may take
WEBHOOK_WAIT: Final = timedelta(seconds=15)
MANY_LOCKS: Final = 10  # held at a time: beyond it, something is slow


def checkout_key(buyer_id: str, program_id: str) -> str:
    """Name what makes two clicks of one buyer follow each other."""
    return f"purchase:create:{buyer_id}:{program_id}"


def session_key(session_id: str) -> str:
    """Name what makes two deliveries about one checkout session follow each other."""
    return f"webhook:session:{session_id}"


def payment_key(payment_intent: str) -> str:
    """Name what makes two deliveries about one payment's refunds follow each other."""
    return f"webhook:payment:{payment_intent}"


class LockTimeout(ApplicationError):
    """Somebody else kept the key for as long as this caller was willing to wait."""

    code = "lock_timeout"

    def __init__(self, key: str, *, waited: timedelta) -> None:
        super().__init__("Purchase operation in progress, please wait and try again.")
        self.key = key
        self.waited = waited


class LockNotReentrant(RuntimeError):
    """A task asked for a key that it already holds, and would wait for itself.

    A bug in the caller, so it is no `ApplicationError` and nobody catches it.
    """

    def __init__(self, key: str) -> None:
        super().__init__(f"this task already holds {key!r}")
        self.key = key


# The upper ends of what times are sorted into, themselves included; the last has none.
STEPS: Final = tuple(
    timedelta(milliseconds=count)
    for count in (1, 5, 25, 100, 250, 500, 1000, 2500, 5000, 10_000)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How long something took, lately; all zero when it never happened.

    `counts` says how many took no longer than each of `STEPS` and longer than the one
    before; the last, how many took longer than all.
    """

    mean: timedelta = timedelta()
    p95: timedelta = timedelta()
    max: timedelta = timedelta()
    counts: tuple[int, ...] = (0,) * (len(STEPS) + 1)

    @classmethod
    def of(cls, seconds: Collection[float]) -> Self:
        if not seconds:
            return cls()
        ranked = sorted(seconds)
        return cls(
            mean=timedelta(seconds=sum(ranked) / len(ranked)),
            p95=timedelta(seconds=ranked[ceil(len(ranked) * 0.95) - 1]),
            max=timedelta(seconds=ranked[-1]),
            counts=_sorted_into_steps(ranked),
        )


def _sorted_into_steps(ranked: Sequence[float]) -> tuple[int, ...]:
    ends = [bisect_right(ranked, step.total_seconds()) for step in STEPS]
    return tuple(b - a for a, b in pairwise([0, *ends, len(ranked)]))


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldKey:
    """A key that somebody holds now, and what for."""

    key: str
    operation: str
    age: timedelta
    queue_length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LockStatistics:
    """What a lock has seen since it was made, and whom it serves now.

    Waiting and holding are timed apart: slow work under an uncontended lock must not
    look like contention.  A wait is timed when it ends in holding the key (at once
    counts as zero) or in `LockTimeout`.
    """

    active: int
    waiting: int
    acquired: int
    contended: int  # found the key taken, however that ended
    timed_out: int
    wait_times: Spread
    hold_times: Spread
    held: tuple[HeldKey, ...]  # the oldest first

    @property
    def is_crowded(self) -> bool:
        return self.active > MANY_LOCKS


class KeyedLock(Protocol):
    """Mutual exclusion by name."""

    def hold(
        self, key: str, *, wait: timedelta = DEFAULT_WAIT, operation: str
    ) -> AbstractAsyncContextManager[None]:
        """Hold `key` for the body of an `async with`.

        `wait` bounds the waiting and nothing else: a held key is never taken away, so
        the body bounds its own work.  `operation` says in the statistics what the key
        is held for.  Whoever needs several keys takes them in sorted order; two tasks
        that do not are parted by their `wait`.

        Raises:
            LockTimeout: `key` was still held elsewhere after `wait`.
            LockNotReentrant: this task holds `key` already.
        """
        ...

    def statistics(self) -> LockStatistics:
        """Say who holds what, and how waiting and holding went so far."""
        ...
