from datetime import UTC, datetime
from time import time_ns
from typing import Final

NANOSECONDS: Final = 1_000_000  # of a millisecond


class SystemClock:
    """Counts whole milliseconds, as the database keeps them.

    So a moment that was stored and read again is still the same.
    """

    def now(self) -> datetime:
        return datetime.fromtimestamp(time_ns() // NANOSECONDS / 1000, UTC)
