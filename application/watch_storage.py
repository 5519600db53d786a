"""Warn before the database is full, for then nothing can be sold or settled."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.ports.alerts import Alert, Alerts
from application.ports.clock import Clock
from application.ports.storage_usage import StorageUsage
from application.ports.turns import Turns
from application.tell_in_turn import TellingTurn, tell_in_turn

LEVELS: Final = (95, 85, 70)  # per cent of the quota
REMIND_AFTER: Final = timedelta(days=7)
MEBIBYTE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchStorage:
    """Alert once when a level is crossed, and each week for as long as it stays so.

    The turn of a level is what makes it once: whichever instance takes it tells, also
    after a restart, and a database that swings about a level fills no mailbox.
    """

    alerts: Alerts
    clock: Clock
    quota: int
    turns: Turns
    usage: StorageUsage
    worker: str

    async def __call__(self) -> int | None:
        """Return the level that was told of, if one was.

        Raises:
            StorageUnavailable: the next turn looks again.
        """
        if not self.quota:
            return None
        used = await self.usage.used()
        level = next((it for it in LEVELS if used * 100 >= self.quota * it), None)
        if level is None:
            return None
        told = await self._tell(_alert(level, used=used, quota=self.quota), level)
        return level if told else None

    async def _tell(self, alert: Alert, level: int) -> bool:
        turn = TellingTurn(
            job=f"storage above {level} %",
            by=self.worker,
            at=self.clock.now(),
            lasts=REMIND_AFTER,
        )
        return await tell_in_turn(alert, turn, alerts=self.alerts, turns=self.turns)


def _alert(level: int, *, used: int, quota: int) -> Alert:
    return Alert(
        code="storage_filling",
        message=f"The database has used {level} % of its quota or more.",
        next_step="Give the database more room, then raise MONGODB_QUOTA_MB (0: none)."
        " Delete nothing of purchases, programs or orphans.",
        facts={"used_mb": used // MEBIBYTE, "quota_mb": quota // MEBIBYTE},
    )
