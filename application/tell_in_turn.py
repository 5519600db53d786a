"""Tell the humans once in a while, whichever instance it is that tells."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from application.ports.alerts import Alert, Alerts
from application.ports.turns import Turns


@dataclass(frozen=True, slots=True, kw_only=True)
class TellingTurn:
    """The turn to tell of `job`: whose it is, from `at` on, and for how long."""

    job: str
    by: str
    at: datetime
    lasts: timedelta


async def tell_in_turn(
    alert: Alert, turn: TellingTurn, *, alerts: Alerts, turns: Turns
) -> bool:
    """Tell it, unless it was told within the turn; return whether it was, just now.

    What no way to the humans takes gives its turn back, so that the next look tells.
    Whoever dies in between keeps the turn until it ends; the log has the alert.

    Raises:
        StorageUnavailable: the next look tells.
    """
    until = turn.at + turn.lasts
    if not await turns.take(turn.job, by=turn.by, at=turn.at, until=until):
        return False
    told = False
    try:
        told = await alerts.deliver(alert)
    finally:
        if not told:
            await turns.give_back(turn.job, by=turn.by, at=turn.at)
    return told
