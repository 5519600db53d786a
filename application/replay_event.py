"""Apply an event once more, because somebody or some job asks for it."""

from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.event_log import EventLog
from application.recall_event import RecallEvent
from application.receive_event import EventOutcome, ReceivePaymentEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayEvent:
    """Do with it what its delivery would do; an event applied twice changes nothing."""

    clock: Clock
    event_log: EventLog
    recall: RecallEvent
    receive: ReceivePaymentEvent

    async def __call__(self, event_id: str) -> EventOutcome:
        """Say what became of it; unless it is QUARANTINED still, it is held no more.

        Raises:
            EventGone: the provider no longer has it.
            LivemodeMismatch: it is of the other mode.
            LockTimeout: a delivery about the same is at work.
            PaymentGatewayUnavailable: ask again.
            StorageUnavailable: ask again; it may have been applied.
        """
        event = await self.recall(event_id)
        outcome = await self.receive(event)
        if outcome is not EventOutcome.QUARANTINED:
            at = self.clock.now()
            await self.event_log.resolve(event_id, outcome=outcome, at=at)
        return outcome
