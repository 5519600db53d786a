"""Apply a rule to money that no purchase names, whoever else is at it."""

from dataclasses import dataclass, replace
from typing import Final

from application.money_alerts import alerts_about_extra
from application.ports.alerts import Alerts
from application.ports.orphans import OrphanRepository
from application.ports.storage import StorageUnavailable
from domain.extra_money import RowRule
from domain.orphans import Orphan

READS_MAX: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveOrphan:
    """Read, decide, and swap if nothing has moved since; else read again."""

    alerts: Alerts
    orphans: OrphanRepository

    async def __call__(self, orphan: Orphan, rule: RowRule) -> Orphan:
        """Apply the rule and return the orphan as it is now.

        What a purchase names by now is the purchase's, and stays as it is here.

        Raises:
            StorageUnavailable: ask again; the rule may have been applied.
        """
        for _ in range(READS_MAX):
            after = replace(orphan, money=rule(orphan.money))
            if orphan.is_matched or after == orphan:
                return orphan
            if await self.orphans.swap(orphan, after):
                purchase_id = orphan.session.purchase_id
                for alert in alerts_about_extra(orphan.money, after.money, purchase_id):
                    await self.alerts.send(alert)
                return replace(after, revision=orphan.revision + 1)
            orphan = await self.orphans.get(orphan.id)
        raise StorageUnavailable

    async def match(self, orphan: Orphan) -> Orphan:
        """Leave it to the purchase that names it after all.

        Raises:
            StorageUnavailable: ask again; it may have been left.
        """
        for _ in range(READS_MAX):
            if orphan.is_matched:
                return orphan
            after = orphan.matched()
            if await self.orphans.swap(orphan, after):
                return replace(after, revision=orphan.revision + 1)
            orphan = await self.orphans.get(orphan.id)
        raise StorageUnavailable
