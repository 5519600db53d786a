"""Notice that the provider's events no longer reach us, though it makes some."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from application.ports.alerts import Alert, Alerts
from application.ports.clock import Clock
from application.ports.hearing import Heard, Hearing
from application.ports.turns import Turns
from application.tell_in_turn import TellingTurn, tell_in_turn

JOB: Final = "tell silence"
UNHEARD: Final = f"{JOB}: unheard"  # its mark: the newest event that did not come
GRACE: Final = timedelta(minutes=15)  # what is younger may be on its way
TOLD_AGAIN: Final = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class TellSilence:
    """Compare what the provider lists with when we last heard of anything.

    One event that was made a quarter of an hour ago is enough, if neither it nor a
    later one came: nothing is lost by it, for what it says is learnt by listing, but
    buyers wait for that.  One that is missing among others that came is no silence.
    """

    alerts: Alerts
    clock: Clock
    hearing: Hearing
    turns: Turns
    worker: str

    async def __call__(self, made: Collection[datetime], *, now: datetime) -> int:
        """Alarm if need be, at most every six hours; return how many were not heard.

        Args:
            made: when the provider made each event that it listed lately.
            now: by the provider's clock.

        Raises:
            StorageUnavailable: the next turn tells.
        """
        heard = await self.hearing.last()
        since = await self._listening_since(heard, now)
        unheard = [at for at in made if since < at <= now - GRACE]
        if unheard:
            await self.turns.move_mark(UNHEARD, to=max(unheard))
            await self._tell(_alert(unheard, heard))
        return len(unheard)

    async def _listening_since(self, heard: Heard | None, now: datetime) -> datetime:
        """Return from when on an event is missing; before the first, from our start.

        The newest event's own time counts as well as ours: no clock of ours that is
        behind makes a silence.
        """
        if heard is not None:
            return _last_sign(heard)
        began = await self.turns.mark(JOB)
        if began is None:
            await self.turns.move_mark(JOB, to=now)
        return began or now

    async def _tell(self, alert: Alert) -> None:
        turn = TellingTurn(
            job=f"{JOB}: told", by=self.worker, at=self.clock.now(), lasts=TOLD_AGAIN
        )
        await tell_in_turn(alert, turn, alerts=self.alerts, turns=self.turns)


async def is_silent(turns: Turns, heard: Heard | None) -> bool:
    """Say whether an event was found missing and none has come since.

    Raises:
        StorageUnavailable: nothing is known.
    """
    unheard = await turns.mark(UNHEARD)
    return unheard is not None and (heard is None or _last_sign(heard) < unheard)


def _last_sign(heard: Heard) -> datetime:
    return max(heard.at, heard.created_at)


def _alert(unheard: Collection[datetime], heard: Heard | None) -> Alert:
    return Alert(
        code="webhooks_silent",
        message="Stripe made events, and no webhook has come since.",
        next_step=(
            "Run `spothold doctor`: it compares the endpoint at Stripe with our"
            " address, and the clocks.  Then see in Stripe's dashboard what the"
            " endpoint was answered, and whether STRIPE_WEBHOOK_SECRET is its secret."
        ),
        facts={
            "events": len(unheard),
            "first": min(unheard).isoformat(timespec="minutes"),
            "last_heard": heard.at.isoformat(timespec="minutes") if heard else None,
        },
    )
