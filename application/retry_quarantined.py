"""Try again what is ours and could not be applied."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from application.ports.alerts import Alert, Alerts
from application.ports.clock import Clock
from application.ports.event_log import EventLog, HeldEvent
from application.ports.randomness import Randomness
from application.quarantine_event import FIRST_PAUSE, why_of
from application.recall_event import EventGone
from application.receive_event import PASSING, EventOutcome
from application.replay_event import ReplayEvent

BATCH: Final = 50
ROUND_MAX: Final = timedelta(seconds=45)  # the provider may take 8 s for each
LONGEST_PAUSE: Final = timedelta(hours=6)
DOUBLINGS_MAX: Final = 9  # a minute doubled as often is longer than that
PATIENCE: Final = timedelta(days=30)  # as long as the provider keeps events


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryQuarantined:
    """One round over what is due, on every instance.

    Each is claimed in the database first, so that instances share the work; two that
    try one event all the same do no more than two deliveries of it.
    """

    alerts: Alerts
    clock: Clock
    event_log: EventLog
    randomness: Randomness
    replay: ReplayEvent

    async def __call__(self) -> int:
        """Try what is due, for a while; return how many were applied.

        Raises:
            StorageUnavailable: the next round goes on.
        """
        until = self.clock.now() + ROUND_MAX
        applied = 0
        for held in await self.event_log.due(at=self.clock.now(), limit=BATCH):
            if self.clock.now() >= until:
                break
            applied += await self._claim_and_try(held)
        return applied

    async def _claim_and_try(self, held: HeldEvent) -> bool:
        at = self.clock.now()
        until = at + self._pause(held)
        if not await self.event_log.claim(held, at=at, until=until):
            return False
        try:
            outcome = await self.replay(held.event.id)
        except EventGone as error:
            await self._give_up(held, error.code)
            return False
        except Exception as error:  # noqa: BLE001  # one poison event stops no other
            await self._hold_on(held, error, until=until)
            outcome = EventOutcome.QUARANTINED
        if outcome is EventOutcome.QUARANTINED and at - held.first_seen >= PATIENCE:
            await self._give_up(held, held.why)
        return outcome is not EventOutcome.QUARANTINED

    async def _hold_on(
        self, held: HeldEvent, error: Exception, *, until: datetime
    ) -> None:
        """Keep the reason why it is held, unless there is a new one."""
        if not isinstance(error, PASSING):
            at, why = self.clock.now(), why_of(error)
            await self.event_log.quarantine(held.event, why=why, at=at, until=until)

    async def _give_up(self, held: HeldEvent, why: str) -> None:
        if await self.event_log.give_up(held.event.id, at=self.clock.now()):
            await self.alerts.send(_alert(held, why))

    def _pause(self, held: HeldEvent) -> timedelta:
        doubled: timedelta = FIRST_PAUSE * 2 ** min(held.tries, DOUBLINGS_MAX)
        return min(doubled, LONGEST_PAUSE) * (0.5 + self.randomness.jitter() / 2)


def _alert(held: HeldEvent, why: str) -> Alert:
    return Alert(
        code="event_given_up",
        message=f"An event of ours could not be applied and is given up: {why}.",
        next_step=(
            "Mend what stands in its way, then run"
            f" `spothold events replay {held.event.id}`."
        ),
        facts={
            "event_id": held.event.id,
            "kind": held.event.kind,
            "object": held.event.object_id,
            "payment_intent": held.event.payment_intent,
            "purchase_id": held.event.purchase_id,
            "tries": held.tries + 1,
        },
    )
