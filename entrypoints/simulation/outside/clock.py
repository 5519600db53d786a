from datetime import UTC, datetime, timedelta
from typing import Final

NOON: Final = datetime(2026, 3, 2, 12, tzinfo=UTC)


class ManualClock:
    """Stands still until a test moves it."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def advance(self, by: timedelta) -> datetime:
        """Move forward; return the new time."""
        if by < timedelta():
            raise ValueError("time does not run backwards")
        self.at += by
        return self.at
