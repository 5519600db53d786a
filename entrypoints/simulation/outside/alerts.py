import asyncio

from application.ports.alerts import Alert


class RecordingAlerts:
    """Remembers what the humans would have been told."""

    def __init__(self) -> None:
        self.sent: list[Alert] = []

    async def send(self, alert: Alert) -> None:
        await asyncio.sleep(0)
        self.sent.append(alert)

    @property
    def codes(self) -> list[str]:
        return [alert.code for alert in self.sent]
