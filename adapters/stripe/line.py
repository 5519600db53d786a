"""Where our requests to Stripe wait for their turn."""

import asyncio
import json
from collections.abc import Mapping
from datetime import timedelta
from time import monotonic
from typing import Final

import structlog

from adapters.stripe.pace import Pace, Turn
from application.ports.metrics import Metrics
from application.ports.payments import PaymentGatewayUnavailable
from application.ports.urgency import can_wait

LINE: Final = "stripe"  # its name in the figures
RANKS: Final = {False: "buyer", True: "job"}
TOO_MANY: Final = 429
# Somebody else holds the object; that is no matter of our pace.
# https://docs.stripe.com/rate-limits#object-lock-timeouts
LOCK_TIMEOUT: Final = "lock_timeout"
OUR_PACE: Final = "our_pace"  # the reason why we did not even ask
PAUSE: Final = 1.0  # seconds, where Stripe does not say
PAUSE_MAX: Final = 30.0

log = structlog.get_logger(__name__)


class StripeLine:
    """Lets requests go at a `Pace`, and hears from Stripe that it is too fast."""

    def __init__(self, pace: Pace, *, metrics: Metrics) -> None:
        self._pace = pace
        self._metrics = metrics
        self._timer: asyncio.TimerHandle | None = None

    @classmethod
    def at(cls, per_second: float, *, metrics: Metrics) -> "StripeLine":
        return cls(Pace(per_second), metrics=metrics)

    async def turn(self) -> None:
        """Wait until a request may go.

        Raises:
            PaymentGatewayUnavailable: that would take too long; it has not gone.
        """
        is_job = can_wait()
        turn = self._pace.arrive(is_job=is_job)
        if turn is None:
            self._metrics.count_shed(line=LINE, rank=RANKS[is_job])
            raise PaymentGatewayUnavailable(OUR_PACE)
        if not turn.has_come:
            await self._stand(turn)

    def heard(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Learn from an answer that we are too fast."""
        if status != TOO_MANY or _code(body) == LOCK_TIMEOUT:
            return
        pause = pause_in(headers)
        is_first = self._pace.slow_down(pause=pause)
        self._metrics.count_throttle()
        self._metrics.show_pace(self._pace.per_second)
        if is_first:
            log.warning(
                "stripe slows us down",
                pause=pause,
                per_second=round(self._pace.per_second, 1),
            )

    async def _stand(self, turn: Turn) -> None:
        called = asyncio.Event()
        turn.call = called.set
        self._show(turn)
        self._wake_in_time()
        outcome = "gone"
        try:
            await called.wait()
            outcome = "served"
        finally:
            self._pace.leave(turn)
            self._show(turn)
            self._metrics.time_wait(
                line=LINE,
                rank=RANKS[turn.is_job],
                outcome=outcome,
                took=timedelta(seconds=monotonic() - turn.came_at),
            )

    def _show(self, turn: Turn) -> None:
        count = self._pace.waiting(is_job=turn.is_job)
        self._metrics.show_waiting(count, line=LINE, rank=RANKS[turn.is_job])
        self._metrics.show_pace(self._pace.per_second)

    def _wake_in_time(self) -> None:
        """Keep one timer for all who wait."""
        if self._timer is None:
            wait = self._pace.call_due()
            if wait is not None:
                loop = asyncio.get_running_loop()
                self._timer = loop.call_later(wait, self._wake)

    def _wake(self) -> None:
        self._timer = None
        self._wake_in_time()


def pause_in(headers: Mapping[str, str]) -> float:
    """Return for how long Stripe wants to be left alone, within reason."""
    said = headers.get("Retry-After", "")
    seconds = float(said) if said.isdecimal() else PAUSE
    return min(max(seconds, PAUSE), PAUSE_MAX)


def _code(body: bytes) -> str | None:
    """Return the code of an error; a proxy's 429 has none."""
    try:
        code = json.loads(body)["error"]["code"]
    except (ValueError, LookupError, TypeError):
        return None
    return code if isinstance(code, str) else None
