"""How much patience there is for a run."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What each part of the bench is told.

    Args:
        rounds: interleaved rounds (A B, B A, A B, ...); each gives one ratio.
        is_short: so little of it that a commit can bear it: seconds, not minutes.
        soak: how long the mixed load of a whole run lasts.
    """

    rounds: int = 5
    is_short: bool = False
    soak: timedelta = timedelta(minutes=60)
