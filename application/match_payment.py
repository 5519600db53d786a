"""Find the purchase to which a payment belongs, or the orphan that it is."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from application.conclude_session import ConcludeSession
from application.ports.orphans import OrphanRepository
from application.ports.payments import PaymentGateway
from application.ports.purchases import PurchaseNotFound, PurchaseRepository
from application.ports.refunds import RefundGateway
from domain.checkout import CheckoutSession
from domain.ids import PurchaseId
from domain.orphans import Orphan
from domain.purchase import Purchase


class Stranger(StrEnum):
    """Why nothing of ours names a payment."""

    FOREIGN = "foreign"  # of another application or environment
    ORPHAN = "orphaned"  # ours, and nothing knows it


# What a payment belongs to, or why to nothing.
Match: TypeAlias = Purchase | Orphan | Stranger


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What we write on our payments and refunds; all None on those of others."""

    purchase_id: PurchaseId | None = None
    app: str | None = None
    environment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchPayment:
    """By the payment; or by our mark, once the payment itself is recorded.

    Word of a refund or a dispute may overtake word of the payment: then the payment is
    settled first and looked for again (protocol 3.2, EXTERNAL).  Only then, and for a
    payment that bears no mark, is the provider asked.
    """

    app: str
    conclude: ConcludeSession
    environment: str
    orphans: OrphanRepository
    payments: PaymentGateway
    purchases: PurchaseRepository
    refunds: RefundGateway

    async def __call__(self, payment_intent: str, mark: Mark, *, by: str) -> Match:
        """Return the purchase that names the payment, or else the orphan.

        Raises:
            LivemodeMismatch: nothing was concluded.
            PaymentGatewayUnavailable: nothing is known; ask again.
            StorageUnavailable: likewise.
        """
        found = await self.purchases.find_by_payment_intent(payment_intent)
        if found is not None:
            return found
        owner = await self._owner(payment_intent, mark)
        if owner is None:
            return await self.orphans.find(payment_intent) or Stranger.FOREIGN
        try:
            purchase = await self.purchases.get(owner)
        except PurchaseNotFound:
            return await self.orphans.find(payment_intent) or Stranger.ORPHAN
        await self._settle(purchase, by=by)
        found = await self.purchases.find_by_payment_intent(payment_intent)
        if found is not None:
            return found
        return await self.orphans.find(payment_intent) or Stranger.ORPHAN

    async def _owner(self, payment_intent: str, mark: Mark) -> PurchaseId | None:
        if mark.app is None:
            return await self.refunds.owner_of(payment_intent)
        ours = (self.app, self.environment)
        return mark.purchase_id if (mark.app, mark.environment) == ours else None

    async def _settle(self, purchase: Purchase, *, by: str) -> None:
        session = await self._session_of(purchase)
        if session is not None:
            await self.conclude(purchase, session, by=by)

    async def _session_of(self, purchase: Purchase) -> CheckoutSession | None:
        if purchase.session is not None:
            return await self.payments.get_session(purchase.session.id)
        if purchase.request is None:
            return None
        return await self.payments.find_session(purchase.id, request=purchase.request)
