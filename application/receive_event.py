"""The provider tells us that something happened to a session or to its money."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from application.complete_purchase import CompletePurchase
from application.expire_purchase import ExpirePurchase
from application.find_by_session import FindBySession
from application.hold_unreadable import HoldUnreadable
from application.learn_charge import LearnCharge
from application.learn_dispute import LearnDispute
from application.learn_refund import LearnRefund
from application.match_payment import Match, Stranger
from application.ports.alerts import Alert, Alerts
from application.ports.clock import Clock
from application.ports.event_log import EventLog
from application.ports.locks import (
    WEBHOOK_WAIT,
    KeyedLock,
    LockTimeout,
    payment_key,
    session_key,
)
from application.ports.payment_events import ChargeReport, EventKind, PaymentEvent
from application.ports.payments import PaymentGatewayUnavailable
from application.ports.storage import StorageUnavailable
from application.quarantine_event import (
    UNKNOWN_PAYMENT,
    QuarantineEvent,
    facts_of,
    why_of,
)
from application.record_orphan import RecordOrphan
from application.settle_payment import SettlePayment
from domain.checkout import CheckoutSession
from domain.disputes import DisputeReport
from domain.purchase import ClosedReason
from domain.refunding import RefundReport
from domain.settlement import LivemodeMismatch

ENDS: Final = {
    EventKind.SESSION_EXPIRED: ClosedReason.EXPIRED,
    EventKind.ASYNC_PAYMENT_FAILED: ClosedReason.FAILED,
}

# Of these the provider must hear, so that it sends the event again.
PASSING: Final = (
    LivemodeMismatch,
    LockTimeout,
    PaymentGatewayUnavailable,
    StorageUnavailable,
)


class EventOutcome(StrEnum):
    APPLIED = "applied"
    IGNORED = "ignored"  # a kind that means nothing to us
    FOREIGN = "foreign"  # of another application or environment
    ORPHANED = "orphaned"  # ours, paid, and no purchase knows it
    QUARANTINED = "quarantined"  # ours, and not applied yet


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivePaymentEvent:
    """Apply an event; when this returns, its effect is durable (invariant I8).

    No decision rests on the event's id or on the order of events: it only says where to
    look, and the object inside says what happened.  What is ours and cannot be applied
    is held, to be tried for longer than the provider would (docs/adr/0015).
    """

    alerts: Alerts
    app: str
    clock: Clock
    complete: CompletePurchase
    environment: str
    event_log: EventLog
    expire: ExpirePurchase
    find_by_session: FindBySession
    hold_unreadable: HoldUnreadable
    learn_charge: LearnCharge
    learn_dispute: LearnDispute
    learn_refund: LearnRefund
    livemode: bool
    locks: KeyedLock
    quarantine: QuarantineEvent
    record_orphan: RecordOrphan
    settle: SettlePayment

    async def __call__(self, event: PaymentEvent) -> EventOutcome:
        """Do what the event says, once, however often it comes.

        Raises:
            LivemodeMismatch: test events reach a live service or the other way round.
            LockTimeout: another delivery about it is at work; send it again.
            PaymentGatewayUnavailable: whose payment it is, is not known; send it again.
            StorageUnavailable: nothing is known to be recorded; send it again.
        """
        if event.livemode is not self.livemode:
            await self.alerts.send(_mode_alert(event))
            raise LivemodeMismatch(ours=self.livemode)
        try:
            outcome = await self._take(event)
        except PASSING:
            raise
        except Exception as error:  # noqa: BLE001  # a contradiction, or a bug of ours
            await self.quarantine(event, why=why_of(error))
            return EventOutcome.QUARANTINED
        if outcome is EventOutcome.ORPHANED:
            return await self._recorded(event)
        return outcome

    async def _take(self, event: PaymentEvent) -> EventOutcome:
        if event.unreadable is not None:
            is_held = await self.hold_unreadable(event, event.unreadable)
            return EventOutcome.QUARANTINED if is_held else EventOutcome.FOREIGN
        subject = event.subject
        if subject is None:
            return EventOutcome.IGNORED
        if isinstance(subject, CheckoutSession):
            return await self._about_session(event, subject)
        key = payment_key(subject.payment_intent)
        async with self.locks.hold(key, wait=WEBHOOK_WAIT, operation="webhook"):
            learnt = await self._learn(subject, by=event.id)
        if isinstance(learnt, Stranger):
            return EventOutcome(learnt.value)
        return EventOutcome.APPLIED

    async def _recorded(self, event: PaymentEvent) -> EventOutcome:
        """Make the event the record of what has none; a session's money has its own."""
        if event.session is None:
            await self.quarantine(event, why=UNKNOWN_PAYMENT)
            return EventOutcome.QUARANTINED
        outcome, at = EventOutcome.ORPHANED, self.clock.now()
        await self.event_log.note(facts_of(event), outcome=outcome, at=at)
        return outcome

    async def _learn(
        self, subject: RefundReport | ChargeReport | DisputeReport, *, by: str
    ) -> Match:
        match subject:
            case RefundReport():
                return await self.learn_refund(subject, by=by)
            case ChargeReport():
                return await self.learn_charge(subject, by=by)
            case DisputeReport():
                return await self.learn_dispute(subject, by=by)

    async def _about_session(
        self, event: PaymentEvent, session: CheckoutSession
    ) -> EventOutcome:
        if (session.app, session.environment) != (self.app, self.environment):
            return EventOutcome.FOREIGN
        key = session_key(session.id)
        async with self.locks.hold(key, wait=WEBHOOK_WAIT, operation="webhook"):
            return await self._apply(event, session)

    async def _apply(
        self, event: PaymentEvent, session: CheckoutSession
    ) -> EventOutcome:
        if await self._is_completed(event, session):
            return EventOutcome.APPLIED
        purchase = await self.find_by_session(session)
        if purchase is None:
            return await self._orphan(event, session)
        reason = ENDS.get(event.kind)
        if reason is None or session.is_paid:
            await self.settle(purchase, session, by=event.id, event_id=event.id)
        elif purchase.may_own(session.id):
            await self.expire(purchase, reason=reason, by=event.id)
        return EventOutcome.APPLIED

    async def _is_completed(
        self, event: PaymentEvent, session: CheckoutSession
    ) -> bool:
        """Complete what the session names, unread: one trip, and most events end so."""
        if session.purchase_id is None:
            return False
        step = await self.complete(
            session.purchase_id, session, by=event.id, event_id=event.id
        )
        return step is not None

    async def _orphan(
        self, event: PaymentEvent, session: CheckoutSession
    ) -> EventOutcome:
        """Record money that no purchase can name; a session unpaid is nothing."""
        if not session.is_paid:
            return EventOutcome.IGNORED
        await self.record_orphan(session, event_id=event.id)
        return EventOutcome.ORPHANED


def _mode_alert(event: PaymentEvent) -> Alert:
    return Alert(
        code="livemode_mismatch",
        message="A webhook of the other mode arrived and was refused.",
        next_step="Correct the endpoint or the keys; Stripe sends it again for 3 days.",
        facts={"event_id": event.id, "livemode": event.livemode},
    )
