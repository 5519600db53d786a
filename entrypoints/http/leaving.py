"""The process was asked to end: nothing new, what was begun, and all of it in time."""

from collections.abc import Callable
from datetime import timedelta
from time import monotonic
from typing import Final

GRACE: Final = timedelta(seconds=28)  # a host gives 30 before it kills
AFTER_REQUESTS: Final = timedelta(seconds=8)  # for jobs, mail, and hanging up
AFTER_JOBS: Final = timedelta(seconds=4)
AFTER_MAIL: Final = timedelta(seconds=2)


class Leaving:
    """Whether the end has begun, and how much of the host's patience is left.

    Requests, jobs and mail end one after the other.  Each may take what it needs, so
    long as those behind it have their share.

    Args:
        grace: from the signal to the end of the process.
        now: a clock that nobody sets.
        last_resort: ends the process after so long, if nothing else did.
    """

    def __init__(
        self,
        *,
        grace: timedelta = GRACE,
        now: Callable[[], float] = monotonic,
        last_resort: Callable[[timedelta], None] = lambda _: None,
    ) -> None:
        self._grace = grace
        self._now = now
        self._last_resort = last_resort
        self._ends: float | None = None
        self.why: Exception | None = None  # if it was not a signal from outside

    @property
    def is_under_way(self) -> bool:
        return self._ends is not None

    def begin(self) -> None:
        """Start the clock; asked again, it goes on as it was."""
        if self._ends is None:
            self._ends = self._now() + self._grace.total_seconds()
            self._last_resort(self._grace)

    def allow(self, most: timedelta, *, spare: timedelta) -> timedelta:
        """Return how long something may take: `most`, or what is left but `spare`."""
        if self._ends is None:
            return most
        left = timedelta(seconds=self._ends - self._now()) - spare
        return max(timedelta(), min(most, left))
