"""Name the days on which the provider's books and our rows differ."""

from collections.abc import AsyncGenerator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from typing import Final

from application.inspection import Scope
from application.keep_ledger import AGAIN_MAX, facts_of
from application.ports.ledger_days import LedgerDays
from domain.day_ledger import DayLedger, day_of
from domain.findings import Finding, FindingKind

KINDS: Final = frozenset({FindingKind.LEDGER_DIFFERENCE})


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectLedger:
    """Read what `KeepLedger` found at its last check of each day.

    It checks a day that differs every hour: to ask the provider for whole days belongs
    there, where it is bounded.
    """

    days: LedgerDays

    @property
    def name(self) -> str:
        return "ledger"

    @property
    def kinds(self) -> AbstractSet[FindingKind]:
        return KINDS

    async def findings(self, scope: Scope) -> AsyncGenerator[Finding, None]:
        """Look at the days that differ, the latest first.

        Raises:
            StorageUnavailable: the rest was not seen.
        """
        since = day_of(scope.since)
        for ledger in await self.days.unequal(since=since, limit=AGAIN_MAX):
            yield difference(ledger)

    async def again(self, finding: Finding, scope: Scope) -> Finding | None:  # noqa: ARG002  # a day is over, however young
        """Look at the one day.

        Raises:
            StorageUnavailable: it is not known.
        """
        ledger = await self.days.find(date.fromisoformat(finding.subject))
        return None if ledger is None or ledger.is_equal else difference(ledger)


def difference(ledger: DayLedger) -> Finding:
    """Name the day, and in its evidence the sums and the first of what differs."""
    return Finding.of(
        FindingKind.LEDGER_DIFFERENCE, ledger.day.isoformat(), **facts_of(ledger)
    )
