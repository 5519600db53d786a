"""Money of ours arrived, and no purchase knows it."""

from dataclasses import dataclass
from datetime import timedelta

from application.ports.alerts import Alert, Alerts
from application.ports.clock import Clock
from application.ports.orphans import OrphanRepository
from domain.checkout import CheckoutSession
from domain.orphans import GRACE, Orphan, OrphanReason


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOrphan:
    """Write it down once and tell a human once (invariant I12)."""

    alerts: Alerts
    clock: Clock
    orphans: OrphanRepository

    async def __call__(
        self, session: CheckoutSession, *, event_id: str | None = None
    ) -> None:
        """Record a paid session whose purchase is unknown.

        Raises:
            StorageUnavailable: say it again; it is recorded once.
        """
        orphan = Orphan.found(
            session,
            reason=OrphanReason.UNKNOWN_PURCHASE,
            event_id=event_id,
            at=self.clock.now(),
        )
        if await self.orphans.record(orphan):
            await self.alerts.send(_orphan_alert(orphan))


def _orphan_alert(orphan: Orphan) -> Alert:
    session = orphan.session
    return Alert(
        code="orphan_payment",
        message="A payment of ours arrived that no purchase knows.",
        next_step=_next_step(orphan),
        facts={
            "session_id": session.id,
            "purchase_id": session.purchase_id,
            "amount": session.amount_total,
            "currency": session.currency,
        },
    )


def _next_step(orphan: Orphan) -> str:
    if not orphan.is_owed:
        return "Find the buyer in Stripe by the session; give it back by hand."
    minutes = GRACE // timedelta(minutes=1)
    return f"Restore the purchase within {minutes} minutes; else the money goes back."
