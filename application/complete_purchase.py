"""A payment completes the purchase that it names."""

from dataclasses import dataclass, replace

from application.confirmation import Confirmations
from application.ports.clock import Clock
from application.ports.outbox import MailBell
from application.ports.purchases import PurchaseRepository
from domain.checkout import CheckoutSession
from domain.ids import PurchaseId
from domain.settlement import payment_in
from domain.transitions import Complete


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletePurchase:
    """Complete it in one write, which also makes its mail due: both happen or neither.

    The purchase need not have been read.  The write itself sees whether it awaits just
    this payment, and what it compares beside the status never changes once it is
    known, so that a look before it would prove nothing more (protocol 3.2, PAID).
    """

    bell: MailBell
    clock: Clock
    confirmations: Confirmations
    livemode: bool
    purchases: PurchaseRepository

    async def __call__(
        self,
        purchase_id: PurchaseId,
        session: CheckoutSession,
        *,
        by: str,
        event_id: str | None = None,
    ) -> Complete | None:
        """Return the step that was taken; None if the purchase does not await it.

        Raises:
            LivemodeMismatch: nothing was concluded.
            StorageUnavailable: ask again; the step may be repeated.
        """
        payment = payment_in(session, livemode=self.livemode)
        if payment is None:
            return None
        at = self.clock.now()
        complete = Complete(
            payment=replace(payment, event_id=event_id),
            payer=session.payer,
            confirmation=self.confirmations.due(purchase_id, at=at),
            at=at,
        )
        if not await self.purchases.change(purchase_id, complete, at=at, by=by):
            return None
        self.bell.ring()
        return complete
