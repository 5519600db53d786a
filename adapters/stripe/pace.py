"""How fast we ask Stripe: as fast as it takes it, and all slower when it does not.

Stripe takes 25 requests a second of one kind, and in test mode of all kinds together:
https://docs.stripe.com/rate-limits.  What comes beyond that it refuses with 429, and
whoever simply asks again makes it worse.
"""

from collections import OrderedDict
from collections.abc import Callable
from time import monotonic
from typing import Final

PATIENCE: Final = 5.0  # seconds in the line; a call has eight for everything
BURST: Final = 0.2  # of a second's requests, after a while without any
SLOWEST: Final = 1.0  # requests a second
RECOVERY: Final = 20.0  # seconds from nothing to the full pace
JOBS_SHARE: Final = 10  # one turn of so many is for a job, if one waits


class Turn:
    """A request that may go, or waits until `call` is called."""

    __slots__ = ("call", "came_at", "has_come", "is_job")

    def __init__(self, came_at: float, *, is_job: bool) -> None:
        self.came_at = came_at
        self.has_come = False
        self.is_job = is_job
        self.call: Callable[[], object] = _nobody


def _nobody() -> None:
    """Is called before anybody waits."""


class Pace:
    """Gives turns, so many a second: buyers before jobs, and who came first is first.

    In any second no more than the pace and a fifth go.  Who would wait longer than
    `patience` is refused at once, so that the line has an end.  When Stripe refuses,
    all pause and then go on at half the pace, which grows back slowly.

    It knows neither requests nor tasks; one loop calls it, and nothing here waits.

    Args:
        per_second: the full pace.
        patience: how many seconds one may stand in the line.
        now: a clock that nobody sets, in seconds.
    """

    def __init__(
        self,
        per_second: float,
        *,
        patience: float = PATIENCE,
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._full = per_second
        self._patience = patience
        self._now = now
        self._buyers: OrderedDict[Turn, None] = OrderedDict()
        self._jobs: OrderedDict[Turn, None] = OrderedDict()
        self._buyers_in_a_row = 0
        self._reduced = per_second  # the pace when it began to grow back
        self._grows_since = now()
        self._next_at = now()  # when the next may go if nobody went before it

    @property
    def per_second(self) -> float:
        """Return the pace of this moment."""
        grown = max(0.0, self._now() - self._grows_since) * self._full / RECOVERY
        return min(self._full, self._reduced + grown)

    def waiting(self, *, is_job: bool) -> int:
        return len(self._line(is_job))

    def arrive(self, *, is_job: bool) -> Turn | None:
        """Give a turn, now or later; None: it would come too late to be of use."""
        turn = Turn(self._now(), is_job=is_job)
        ahead = len(self._buyers) + (len(self._jobs) if is_job else 0)
        if not ahead and self._wait() <= 0:
            self._go(turn)
        elif self._wait() + ahead / self.per_second > self._patience:
            return None
        else:
            self._line(is_job)[turn] = None
        return turn

    def leave(self, turn: Turn) -> None:
        """Wait no longer; whose turn has come has left already."""
        self._line(turn.is_job).pop(turn, None)

    def call_due(self) -> float | None:
        """Call all whose turn has come; return in how many seconds somebody's comes.

        None: nobody waits.
        """
        while self._buyers or self._jobs:
            wait = self._wait()
            if wait > 0:
                return wait
            turn, _ = self._next_line().popitem(last=False)
            self._go(turn)
            turn.call()
        return None

    def slow_down(self, *, pause: float) -> bool:
        """Let nobody go for `pause` seconds, and then half as many as before.

        Those who were under way when Stripe refused one are refused as well; together
        they halve it once.  Say whether this is the first of them.
        """
        now = self._now()
        is_first = now >= self._grows_since
        if is_first:
            self._reduced = max(SLOWEST, self.per_second / 2)
        self._grows_since = max(self._grows_since, now + pause)
        # Past the pause they go one by one, for a burst is what was refused.
        self._next_at = max(self._next_at, self._grows_since + self._slack())
        return is_first

    def _line(self, is_job: bool) -> OrderedDict[Turn, None]:  # noqa: FBT001
        return self._jobs if is_job else self._buyers

    def _next_line(self) -> OrderedDict[Turn, None]:
        is_jobs_turn = self._buyers_in_a_row >= JOBS_SHARE - 1
        if self._jobs and (is_jobs_turn or not self._buyers):
            return self._jobs
        return self._buyers

    def _slack(self) -> float:
        """Return by how many seconds a burst may be ahead of the pace."""
        return max(0.0, BURST * self._full - 1) / self.per_second

    def _wait(self) -> float:
        """Return after how many seconds one may go."""
        return self._next_at - self._slack() - self._now()

    def _go(self, turn: Turn) -> None:
        turn.has_come = True
        self._buyers_in_a_row = 0 if turn.is_job else self._buyers_in_a_row + 1
        self._next_at = max(self._next_at, self._now()) + 1 / self.per_second
