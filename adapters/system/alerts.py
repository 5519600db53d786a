import contextlib
from typing import Any

import structlog

from application.ports.alerts import Alert


class LogAlerts:
    """Writes an alert as one error line, for whoever watches the log.

    Swallows what the logger raises: an alert is often sent while something else is
    being handled, and must not take its place.
    """

    def __init__(self, logger: Any = None) -> None:
        self._log = logger or structlog.get_logger("alerts")

    async def send(self, alert: Alert) -> None:
        with contextlib.suppress(Exception):
            self._log.error(
                "alert",
                code=alert.code,
                message=alert.message,
                next_step=alert.next_step,
                facts=dict(alert.facts),
            )

    async def deliver(self, alert: Alert) -> bool:
        """Write it; a log is all there is."""
        await self.send(alert)
        return True

    async def flush(self) -> None:
        """Do nothing: nothing is held back."""
