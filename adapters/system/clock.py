from datetime import UTC, datetime


class SystemClock:
    """Counts whole milliseconds, as the database keeps them.

    So a moment that was stored and read again is still the same.
    """

    def now(self) -> datetime:
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)
