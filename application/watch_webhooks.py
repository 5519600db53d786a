"""See when an event of the provider last came, and how long it was on its way."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from application.ports.alerts import Alert, Alerts
from application.ports.clock import Clock
from application.ports.hearing import Heard, Hearing
from application.ports.metrics import Metrics
from application.ports.turns import Turns
from application.tell_in_turn import TellingTurn, tell_in_turn

JOB: Final = "watch webhooks"
LATE: Final = timedelta(minutes=5)  # the provider needs seconds
FRESH: Final = timedelta(minutes=10)  # what came longer ago says nothing of now
TOLD_AGAIN: Final = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchWebhooks:
    """Show figures on every instance; one of them tells when events come late.

    That none comes at all is another thing: `TellSilence`.
    """

    alerts: Alerts
    clock: Clock
    hearing: Hearing
    metrics: Metrics
    turns: Turns
    worker: str

    async def __call__(self) -> None:
        """Look once.

        Raises:
            StorageUnavailable: the next look says it.
        """
        heard = await self.hearing.last()
        if heard is None:
            return
        at = self.clock.now()
        self.metrics.show_hearing(max(timedelta(), at - heard.at))
        if is_late(heard, at=at):
            turn = TellingTurn(job=JOB, by=self.worker, at=at, lasts=TOLD_AGAIN)
            alert = _alert(heard)
            await tell_in_turn(alert, turn, alerts=self.alerts, turns=self.turns)


def is_late(heard: Heard, *, at: datetime) -> bool:
    """Say whether what came lately was on its way for too long."""
    return heard.lag >= LATE and at - heard.at <= FRESH


def _alert(heard: Heard) -> Alert:
    return Alert(
        code="webhooks_late",
        message="An event of Stripe came long after it was made.",
        next_step=(
            "See in Stripe's dashboard whether deliveries to our endpoint failed"
            " before, and on its status page whether they are late.  `spothold doctor`"
            " compares the clocks."
        ),
        facts={
            "lag_seconds": int(heard.lag.total_seconds()),
            "made": heard.created_at.isoformat(timespec="seconds"),
            "came": heard.at.isoformat(timespec="seconds"),
        },
    )
