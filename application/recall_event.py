"""Ask the provider again for what an event said; we keep only its name."""

from dataclasses import dataclass
from typing import Final

from application.errors import ApplicationError
from application.ports.event_log import EventFacts, EventLog, HeldEvent
from application.ports.payment_events import EventKind, PaymentEvent
from application.ports.payment_history import PaymentHistory
from application.ports.payments import PaymentGateway
from application.ports.refunds import RefundGateway
from domain.ids import SessionId

OF_SESSIONS: Final = frozenset(
    {
        EventKind.SESSION_COMPLETED,
        EventKind.ASYNC_PAYMENT_SUCCEEDED,
        EventKind.ASYNC_PAYMENT_FAILED,
        EventKind.SESSION_EXPIRED,
    }
)
OF_REFUNDS: Final = frozenset(
    {EventKind.REFUND_CREATED, EventKind.REFUND_UPDATED, EventKind.REFUND_FAILED}
)


class EventGone(ApplicationError):
    """The provider does not have the event, and what it was about names nothing."""

    code = "event_gone"

    def __init__(self, event_id: str) -> None:
        super().__init__(
            f"Stripe has no event {event_id}; it keeps them for 30 days."
            "  Look at the payment in its dashboard."
        )
        self.event_id = event_id


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallEvent:
    """Return the event, or one that shows its object as it is now.

    The second is as good: an event only says where to look.
    """

    event_log: EventLog
    history: PaymentHistory
    livemode: bool
    payments: PaymentGateway
    refunds: RefundGateway

    async def __call__(self, event_id: str) -> PaymentEvent:
        """Fetch it by its id, or its object by what was kept of it.

        Raises:
            EventGone: neither can be had.
            PaymentGatewayUnavailable: nothing is known; ask again.
            StorageUnavailable: likewise.
        """
        event = await self.history.event(event_id)
        if event is not None:
            return event
        held = await self.event_log.get(event_id)
        if held is None or held.event.object_id is None:
            raise EventGone(event_id)
        return await self._rebuilt(held, held.event.object_id)

    async def _rebuilt(self, held: HeldEvent, object_id: str) -> PaymentEvent:
        kind = _kind_of(held.event)
        session = refund = None
        if kind in OF_SESSIONS:
            session = await self.payments.get_session(SessionId(object_id))
        elif kind in OF_REFUNDS:
            refund = await self.refunds.get_refund(object_id)
        else:
            raise EventGone(held.event.id)
        return PaymentEvent(
            id=held.event.id,
            kind=kind,
            type_name=held.event.kind,
            livemode=self.livemode,  # else it would have been refused, not held
            created_at=held.first_seen,
            session=session,
            refund=refund,
        )


def _kind_of(event: EventFacts) -> EventKind:
    try:
        return EventKind(event.kind)
    except ValueError:
        return EventKind.OTHER
