"""An event of ours could not be applied: keep it, and tell somebody."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.errors import ApplicationError
from application.ports.alerts import Alert, Alerts
from application.ports.clock import Clock
from application.ports.event_log import EventFacts, EventLog
from application.ports.payment_events import PaymentEvent
from domain.disputes import DisputeReport
from domain.errors import DomainError

FIRST_PAUSE: Final = timedelta(minutes=1)
UNKNOWN_PAYMENT: Final = "unknown_payment"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineEvent:
    """Hold it durably, so that it outlives the provider's three days of tries."""

    alerts: Alerts
    clock: Clock
    event_log: EventLog

    async def __call__(self, event: PaymentEvent, *, why: str) -> None:
        """Hold the event; a human hears of it once, however often it fails.

        Raises:
            StorageUnavailable: it is not known to be held; the provider must send it
                again.
        """
        at = self.clock.now()
        facts = facts_of(event)
        is_new = await self.event_log.quarantine(
            facts, why=why, at=at, until=at + FIRST_PAUSE
        )
        if is_new:
            await self.alerts.send(_alert(facts, why))


def facts_of(event: PaymentEvent) -> EventFacts:
    """Say what the event is about, and nothing of what it says."""
    match event.subject or event.unreadable:
        case None:
            return EventFacts(id=event.id, kind=event.type_name)
        case DisputeReport() as report:
            return EventFacts(
                id=event.id,
                kind=event.type_name,
                object_id=report.dispute.id,
                payment_intent=report.payment_intent,
            )
        case subject:
            return EventFacts(
                id=event.id,
                kind=event.type_name,
                object_id=subject.id,
                payment_intent=subject.payment_intent,
                purchase_id=subject.purchase_id,
            )


def why_of(error: Exception) -> str:
    """Name an error without its message, which may quote what people wrote."""
    if isinstance(error, ApplicationError | DomainError):
        return error.code
    return type(error).__name__


def _alert(event: EventFacts, why: str) -> Alert:
    return Alert(
        code="event_quarantined",
        message=f"An event of ours could not be applied: {why}.",
        next_step=(
            "It is tried again by itself.  To see what it would change, run"
            f" `spothold events replay {event.id} --dry-run`."
        ),
        facts={
            "event_id": event.id,
            "kind": event.kind,
            "object": event.object_id,
            "payment_intent": event.payment_intent,
            "purchase_id": event.purchase_id,
        },
    )
