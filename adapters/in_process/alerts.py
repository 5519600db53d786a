"""Tell an alert in every way there is, and none of them too often."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from application.ports.alerts import Alert, AlertNotTold, Alerts, AlertWay, Bundle
from application.ports.clock import Clock

PAUSE: Final = timedelta(minutes=10)  # between two messages about the same thing
WAY_MAX: Final = timedelta(seconds=20)  # for one message; a claim of it lasts 40
HELD_MAX: Final = 20  # of one code; those beyond are only counted


@dataclass(slots=True)
class _HeldBack:
    alerts: list[Alert] = field(default_factory=list)
    more: int = 0

    def add(self, alert: Alert) -> None:
        if len(self.alerts) < HELD_MAX:
            self.alerts.append(alert)
        else:
            self.more += 1


class SpreadAlerts:
    """Writes each alert down at once, and hands it to every way beside that.

    Nobody waits for a way: an alert is often sent in the middle of a request.  One
    message in `PAUSE` for each code; what comes in between goes out together when it is
    over, and at the latest when the service stops.  What a way does not take is not
    tried again, for the log has it already; `deliver` says so, to whoever remembers.  A
    way that does not answer in time has not taken it, as far as we know.
    """

    def __init__(
        self,
        log: Alerts,
        ways: Sequence[AlertWay],
        clock: Clock,
        *,
        way_max: timedelta = WAY_MAX,
    ) -> None:
        self._log = log
        self._way_max = way_max.total_seconds()
        self._ways = ways
        self._clock = clock
        self._last: dict[str, datetime] = {}
        self._held_back: dict[str, _HeldBack] = {}
        self._on_their_way: set[asyncio.Task[None]] = set()

    async def send(self, alert: Alert) -> None:
        await self._log.send(alert)
        if self._is_pausing(alert.code):
            self._held_back.setdefault(alert.code, _HeldBack()).add(alert)
            return
        self._spread_soon(self._bundled(alert))

    async def deliver(self, alert: Alert) -> bool:
        await self._log.send(alert)
        return await self._spread(Bundle(alerts=(alert,)))

    async def flush(self) -> None:
        over = [code for code in self._held_back if not self._is_pausing(code)]
        for code in over:
            self._spread_soon(self._rest_of(code))

    async def delivered(self) -> None:
        """Return when nothing is held back or on its way: before the loop ends."""
        for code in list(self._held_back):
            self._spread_soon(self._rest_of(code))
        await asyncio.gather(*self._on_their_way, return_exceptions=True)

    def _is_pausing(self, code: str) -> bool:
        last = self._last.get(code)
        return last is not None and self._clock.now() - last < PAUSE

    def _bundled(self, alert: Alert) -> Bundle:
        """Return the alert, with those of its code that were held back before it."""
        held = self._held_back.pop(alert.code, _HeldBack())
        return Bundle(alerts=(alert, *held.alerts), more=held.more)

    def _rest_of(self, code: str) -> Bundle:
        held = self._held_back.pop(code)
        return Bundle(alerts=tuple(held.alerts), more=held.more)

    def _spread_soon(self, bundle: Bundle) -> None:
        self._last[bundle.first.code] = self._clock.now()
        task = asyncio.create_task(self._spread_and_forget(bundle))
        self._on_their_way.add(task)
        task.add_done_callback(self._on_their_way.discard)

    async def _spread_and_forget(self, bundle: Bundle) -> None:
        await self._spread(bundle)

    async def _spread(self, bundle: Bundle) -> bool:
        told = await asyncio.gather(*(self._tell(way, bundle) for way in self._ways))
        return any(told) or not self._ways

    async def _tell(self, way: AlertWay, bundle: Bundle) -> bool:
        try:
            async with asyncio.timeout(self._way_max):
                await way.tell(bundle)
        except Exception as error:  # noqa: BLE001  # a way is no reason to fail
            await self._log.send(_not_told(way, bundle, error))
            return False
        return True


def _not_told(way: AlertWay, bundle: Bundle, error: Exception) -> Alert:
    """Say it where it can be said; what is no `AlertNotTold` may quote an address."""
    why = error.why if isinstance(error, AlertNotTold) else type(error).__name__
    return Alert(
        code="alert_not_told",
        message=f"An alert was not taken by the way of {way.name}.",
        next_step="Look at its server and at the settings; the log has the alert.",
        facts={"way": way.name, "alert": bundle.first.code, "why": why},
    )


def alerts_of(log: Alerts, ways: Sequence[AlertWay | None], clock: Clock) -> Alerts:
    """Tell them in those ways too that are set up."""
    open_ways = [way for way in ways if way is not None]
    return SpreadAlerts(log, open_ways, clock) if open_ways else log
