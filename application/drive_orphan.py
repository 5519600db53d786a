"""Bring money that no purchase names as far as it will go."""

from dataclasses import dataclass

from application.causes import BY_RECONCILE
from application.conclude_session import ConcludeSession
from application.find_by_session import FindBySession
from application.give_back import GiveBack
from application.move_orphan import MoveOrphan
from application.ports.payments import PaymentGateway
from application.ports.purchases import PurchaseRepository
from domain.extra_money import RowRule
from domain.orphans import Orphan, names_session
from domain.refunds import ExtraPayment, ExtraPaymentState


@dataclass(frozen=True, slots=True, kw_only=True)
class DriveOrphan:
    """Give it back, unless its purchase turns up before (docs/adr/0013)."""

    conclude: ConcludeSession
    find_by_session: FindBySession
    give_back: GiveBack
    move: MoveOrphan
    payments: PaymentGateway
    purchases: PurchaseRepository

    async def __call__(self, orphan: Orphan) -> Orphan:
        """Take it a step further and return it as it is now.

        Raises:
            LivemodeMismatch: nothing was concluded.
            PaymentGatewayUnavailable: it stays as it is; drive it again.
            StorageUnavailable: likewise; every step may be repeated.
        """
        is_due = orphan.money.state is ExtraPaymentState.DUE
        if is_due and await self._is_named(orphan):
            return await self.move.match(orphan)
        return await self._send(orphan)

    async def _is_named(self, orphan: Orphan) -> bool:
        """Say whether a purchase names it, once that has heard of the payment."""
        purchase = await self.find_by_session(orphan.session)
        if purchase is None:
            return False
        session = await self.payments.get_session(orphan.session.id)
        await self.conclude(purchase, session, by=BY_RECONCILE)
        return names_session(await self.purchases.get(purchase.id), session.id)

    async def _send(self, orphan: Orphan) -> Orphan:
        latest = orphan

        async def move(rule: RowRule) -> ExtraPayment:
            nonlocal latest
            latest = await self.move(latest, rule)
            return latest.money

        purchase_id = orphan.session.purchase_id
        await self.give_back(orphan.money, move, purchase_id=purchase_id)
        return latest
