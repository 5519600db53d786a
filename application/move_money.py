"""Apply a rule about money to a purchase, whoever else is at it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from application.money_alerts import alerts_about
from application.notices import Notices
from application.ports.alerts import Alerts
from application.ports.clock import Clock
from application.ports.outbox import MailBell
from application.ports.purchases import PurchaseRepository
from application.ports.storage import StorageUnavailable
from application.release_spot import ReleaseSpot
from domain.purchase import Purchase
from domain.unsettled_money import with_age

READS_MAX: Final = 5

Rule: TypeAlias = Callable[[Purchase], Purchase]


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveMoney:
    """Read, decide, and swap if nothing has moved since; else read again.

    Rows and status move in that one write (protocol 3.2, REFUND), and the mails that
    tell the buyer fall due in it; the one who made it tells the humans.
    """

    alerts: Alerts
    bell: MailBell
    clock: Clock
    notices: Notices
    purchases: PurchaseRepository
    release_spot: ReleaseSpot

    async def __call__(self, purchase: Purchase, rule: Rule, *, by: str) -> Purchase:
        """Apply the rule and return the purchase as it is now.

        Raises:
            DomainError: the rule said no; nothing has moved.
            StorageUnavailable: ask again; the rule may have been applied.
        """
        for _ in range(READS_MAX):
            after = rule(purchase)
            if after == purchase:
                await self.release_spot(purchase)
                return purchase
            at = self.clock.now()
            after = with_age(self.notices.due(purchase, after, at=at), at=at)
            if await self.purchases.swap_money(purchase, after, at=at, by=by):
                revision = purchase.money_revision + 1
                moved = replace(after, updated_at=at, money_revision=revision)
                await self._conclude(purchase, moved)
                return moved
            purchase = await self.purchases.get(purchase.id)
        raise StorageUnavailable

    async def _conclude(self, before: Purchase, after: Purchase) -> None:
        if len(after.notices) > len(before.notices):
            self.bell.ring()
        for alert in alerts_about(before, after):
            await self.alerts.send(alert)
        await self.release_spot(after)
