"""Compare what the provider remembers with what we know."""

from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from application.causes import BY_RECONCILE
from application.conclude_session import ConcludeSession
from application.ports.alerts import Alert, Alerts
from application.ports.clock import Clock
from application.ports.payment_history import PaymentHistory
from application.ports.payments import (
    PaymentGateway,
    PaymentGatewayUnavailable,
    SessionNotOpen,
)
from application.ports.purchases import PurchaseNotFound, PurchaseRepository
from application.ports.storage import StorageUnavailable
from application.ports.turns import Turns
from application.record_orphan import RecordOrphan
from domain.checkout import CheckoutSession, SessionStatus
from domain.purchase import Purchase

JOB: Final = "listen back"
TURN: Final = timedelta(minutes=10)
OVERLAP: Final = timedelta(hours=1)  # longer than a page can be paid
REACH: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenBack:
    """Find the money that no purchase of ours would ever ask about.

    Purchases ask about their own sessions; this is for the others: of a purchase that
    was lost or had ended, or a second session that nobody should have opened.
    """

    alerts: Alerts
    app: str
    clock: Clock
    conclude: ConcludeSession
    environment: str
    history: PaymentHistory
    payments: PaymentGateway
    purchases: PurchaseRepository
    record_orphan: RecordOrphan
    turns: Turns
    worker: str

    async def __call__(self) -> int:
        """Listen from a little before where it last ended; return how many were heard.

        Raises:
            PaymentGatewayUnavailable: the next turn begins at the same place.
            StorageUnavailable: the same.
        """
        at = self.clock.now()
        if not await self.turns.take(JOB, by=self.worker, at=at, until=at + TURN):
            return 0
        began = self.payments.now()
        heard, failed = 0, 0
        since = await self._start(began)
        async with aclosing(self.history.sessions_since(since)) as sessions:
            async for session in sessions:
                if (session.app, session.environment) == (self.app, self.environment):
                    heard += 1
                    failed += not await self._hear(session)
        if failed == 0:
            await self.turns.move_mark(JOB, to=began)
        return heard

    async def _start(self, now: datetime) -> datetime:
        mark = await self.turns.mark(JOB)
        earliest = now - REACH
        return earliest if mark is None else max(mark - OVERLAP, earliest)

    async def _hear(self, session: CheckoutSession) -> bool:
        """Do what follows, and say whether it worked; one session stops no other."""
        try:
            await self._follow(session)
        except (PaymentGatewayUnavailable, StorageUnavailable):
            raise
        except Exception as error:  # noqa: BLE001  # one poison session stops no other
            await self.alerts.send(_poison_alert(session, error))
            return False
        return True

    async def _follow(self, session: CheckoutSession) -> None:
        purchase = await self._purchase_of(session)
        if purchase is None:
            if session.is_paid:
                await self.record_orphan(session)
            return
        if session.status is SessionStatus.OPEN and purchase.is_terminal:
            session = await self._expired(session)
        if session.is_paid:
            await self.conclude(purchase, session, by=BY_RECONCILE)

    async def _purchase_of(self, session: CheckoutSession) -> Purchase | None:
        if session.purchase_id is None:
            return await self.purchases.find_by_session(session.id)
        try:
            return await self.purchases.get(session.purchase_id)
        except PurchaseNotFound:
            return None

    async def _expired(self, session: CheckoutSession) -> CheckoutSession:
        """Close a page that nobody may pay on, unless somebody just did."""
        try:
            return await self.payments.expire_session(session.id)
        except SessionNotOpen:
            return await self.payments.get_session(session.id)


def _poison_alert(session: CheckoutSession, error: Exception) -> Alert:
    return Alert(
        code="session_not_followed",
        message=f"What a session means could not be recorded: {type(error).__name__}.",
        next_step="Look at the session in Stripe; it is tried again at each turn.",
        facts={"session_id": session.id, "purchase_id": session.purchase_id},
    )
