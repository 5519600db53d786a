import asyncio
from datetime import timedelta


class AsyncioMailBell:
    """Wakes the task of this process that delivers mail.

    A ring while nobody waits is kept for the next one who does; several are one.
    """

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()

    async def wait(self, timeout: timedelta) -> bool:  # noqa: ASYNC109  # a pause, not a failure
        """Wait for a ring, or for the time when one looks without being called.

        Returns:
            Whether it rang.
        """
        try:
            async with asyncio.timeout(timeout.total_seconds()):
                await self._rung.wait()
        except TimeoutError:
            return False
        self._rung.clear()
        return True
