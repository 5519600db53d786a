"""Try again what is ours and could not be applied."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.claim_and_drive import LEASE
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
    try one event all the same do no more than two deliveries of it.  The claim is short
    until the try is over, and becomes the pause when it has failed: what an instance
    leaves behind when it dies, another takes over.
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
        rested = at + self._pause(held)
        if not await self.event_log.claim(held, at=at, until=at + LEASE):
            return False
        why = None  # it is held for the reason that is known, unless there is a new one
        try:
            if await self.replay(held.event.id) is not EventOutcome.QUARANTINED:
                return True
        except EventGone as error:
            await self._give_up(held, error.code)
            return False
        except Exception as error:  # noqa: BLE001  # one poison event stops no other
            why = None if isinstance(error, PASSING) else why_of(error)
        is_ours = await self.event_log.put_off(held, until=rested, why=why)
        if is_ours and at - held.first_seen >= PATIENCE:
            await self._give_up(held, held.why)
        return False

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
