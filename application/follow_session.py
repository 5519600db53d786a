"""See that what a listed session means is recorded."""

from dataclasses import dataclass

from application.causes import BY_RECONCILE
from application.conclude_session import ConcludeSession
from application.find_by_session import FindBySession
from application.ports.payments import PaymentGateway, SessionNotOpen
from application.record_orphan import RecordOrphan
from domain.checkout import CheckoutSession, SessionStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowSession:
    """Record its money, and close the page of a purchase that is over.

    Purchases ask about their own sessions; this is for the others: of a purchase that
    was lost or had ended, or a second session that nobody should have opened.
    """

    conclude: ConcludeSession
    find_by_session: FindBySession
    payments: PaymentGateway
    record_orphan: RecordOrphan

    async def __call__(self, session: CheckoutSession) -> None:
        """Do what follows from a session of ours as it is now.

        Raises:
            LivemodeMismatch: nothing was concluded.
            PaymentGatewayUnavailable: nothing is known; follow it again.
            StorageUnavailable: likewise; every step may be repeated.
        """
        if session.status is not SessionStatus.OPEN and not session.is_paid:
            return  # whoever waits for it asks by itself
        purchase = await self.find_by_session(session)
        if purchase is None:
            if session.is_paid:
                await self.record_orphan(session)
            return
        if session.status is SessionStatus.OPEN and purchase.is_terminal:
            session = await self._expired(session)
        if session.is_paid:
            await self.conclude(purchase, session, by=BY_RECONCILE)

    async def _expired(self, session: CheckoutSession) -> CheckoutSession:
        """Close a page that nobody may pay on, unless somebody just did."""
        try:
            return await self.payments.expire_session(session.id)
        except SessionNotOpen:
            return await self.payments.get_session(session.id)
