from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from domain.day_ledger import DayLedger


class LedgerDays(Protocol):
    """The ledgers of the days that were checked, kept for ever: they are small.

    Every call may raise `StorageUnavailable`.
    """

    async def store(self, ledger: DayLedger, *, at: datetime) -> None:
        """Keep how a day was found at its last check."""
        ...

    async def find(self, day: date) -> DayLedger | None:
        """Return a day as it was last found; None if it was never checked."""
        ...

    async def unequal(self, *, since: date, limit: int) -> Sequence[DayLedger]:
        """Return the days that last showed a difference, the latest first."""
        ...
