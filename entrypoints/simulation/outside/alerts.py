import asyncio

from application.ports.alerts import Alert


class RecordingAlerts:
    """Remembers what the humans would have been told.

    `sent` is all of it; `undelivered` is what was not taken while `is_deaf`.
    """

    def __init__(self) -> None:
        self.sent: list[Alert] = []
        self.undelivered: list[Alert] = []
        self.is_deaf = False

    async def send(self, alert: Alert) -> None:
        await asyncio.sleep(0)
        self.sent.append(alert)

    async def deliver(self, alert: Alert) -> bool:
        await asyncio.sleep(0)
        if self.is_deaf:
            self.undelivered.append(alert)
            return False
        self.sent.append(alert)
        return True

    async def flush(self) -> None:
        await asyncio.sleep(0)

    @property
    def codes(self) -> list[str]:
        return [alert.code for alert in self.sent]
