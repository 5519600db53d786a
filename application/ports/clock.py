from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Our own clock.  It may trigger work; it never decides that a session is over."""

    def now(self) -> datetime:
        """Return the moment, aware and in UTC."""
        ...
