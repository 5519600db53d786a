"""A crowd at Stripe's door: what is refused there, with our line and without."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import pytest

from adapters.stripe.gateway import StripePaymentGateway
from adapters.stripe.line import StripeLine, pause_in
from adapters.stripe.pace import Pace
from adapters.stripe.patience import Patience
from application.ports.payments import PaymentGatewayUnavailable
from application.ports.urgency import unhurried
from entrypoints.simulation.outside.alerts import RecordingAlerts
from entrypoints.simulation.outside.clock import ManualClock
from entrypoints.simulation.outside.metrics import RecordingMetrics
from tests.adapters.stripe.objects import NOON
from tests.servers.stripe_simulator import RunningSimulator, stripe_simulator

CROWD: Final = 200
TAKES: Final = 50  # a second: twice what Stripe takes, so that nobody waits long
OURS: Final = 40
BRISK: Final = Patience(pause=timedelta(milliseconds=20), overall=timedelta(seconds=30))
REFUSED: Final[tuple[bytes, ...]] = (
    b'{"error": {"code": "rate_limit"}}',
    b'{"error": {}}',
    b"slow down",
    b"[]",
)


@dataclass(frozen=True, kw_only=True)
class Door:
    stripe: RunningSimulator
    gateway: StripePaymentGateway
    metrics: RecordingMetrics

    async def crowd(self, number: int = CROWD) -> Counter[str]:
        """Ask all at once, and say how it ended for how many."""
        return Counter(
            await asyncio.gather(*(self.ask(each) for each in range(number)))
        )

    async def ask(self, number: int) -> str:
        try:
            await self.gateway.refunds.refunds_of(f"pi_{number}")
        except PaymentGatewayUnavailable as error:
            return str(error.reason)
        return "answered"

    async def refused(self) -> int:
        requests = await self.stripe.requests()
        return sum(each["status"] == 429 for each in requests)


@asynccontextmanager
async def door(pace: Pace | None) -> AsyncIterator[Door]:
    metrics = RecordingMetrics()
    async with stripe_simulator() as stripe:
        await stripe.limit_rate(TAKES)
        gateway = StripePaymentGateway(
            "sk_test_x",
            clock=ManualClock(NOON),
            alerts=RecordingAlerts(),
            environment="test",
            success_url="https://shop.example/?s={CHECKOUT_SESSION_ID}",
            cancel_url="https://shop.example/?p={PURCHASE_ID}",
            api_base=stripe.url,
            patience=BRISK,
            line=None if pace is None else StripeLine(pace, metrics=metrics),
        )
        try:
            yield Door(stripe=stripe, gateway=gateway, metrics=metrics)
        finally:
            await gateway.close()


async def test_a_crowd_waits_here_and_is_not_refused_there() -> None:
    async with door(Pace(OURS, patience=1)) as it:
        ended = await it.crowd()

        # On a busy machine two that were sent apart may arrive together.
        assert await it.refused() < CROWD / 20
    assert ended["answered"] >= OURS
    assert ended["answered"] + ended["our_pace"] == CROWD
    assert it.metrics.shed == {("stripe", "buyer"): ended["our_pace"]}
    assert it.metrics.waiting == {("stripe", "buyer"): 0}


async def test_without_the_line_the_same_crowd_is_a_storm() -> None:
    async with door(None) as it:
        await it.crowd()

        assert await it.refused() > CROWD / 2


async def test_who_asks_too_fast_learns_it_and_all_wait_together() -> None:
    """Others use the account too: half of what we thought was ours."""
    async with door(Pace(2 * TAKES)) as it:
        ended = await it.crowd(CROWD // 2)

        assert await it.refused() < CROWD / 4
    assert ended["answered"] > CROWD * 0.4
    assert it.metrics.throttles > 0
    assert it.metrics.pace is not None
    assert it.metrics.pace < 2 * TAKES


async def test_a_job_waits_in_a_line_of_its_own() -> None:
    async with door(Pace(OURS)) as it:
        with unhurried():
            await it.crowd(OURS // 2)

    assert {rank for _, rank, _ in it.metrics.waits} == {"job"}


async def test_who_is_cut_off_leaves_the_line() -> None:
    async with door(Pace(1)) as it:
        asking = [asyncio.create_task(it.ask(number)) for number in range(3)]
        await asyncio.sleep(0)
        for each in asking:
            each.cancel()
        await asyncio.gather(*asking, return_exceptions=True)

    assert it.metrics.waiting == {("stripe", "buyer"): 0}
    assert {outcome for *_, outcome in it.metrics.waits} == {"gone"}


@pytest.mark.parametrize("body", REFUSED)
async def test_a_refusal_for_the_pace_slows_us_down(body: bytes) -> None:
    pace = Pace(OURS)
    line = StripeLine(pace, metrics=RecordingMetrics())

    line.heard(429, {}, body)

    assert pace.per_second == OURS / 2


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"{}"),
        (500, b"{}"),
        (429, b'{"error": {"code": "lock_timeout"}}'),
    ],
)
async def test_what_is_no_matter_of_pace_leaves_it(status: int, body: bytes) -> None:
    pace = Pace(OURS)

    StripeLine(pace, metrics=RecordingMetrics()).heard(status, {}, body)

    assert pace.per_second == OURS


@pytest.mark.parametrize(
    ("said", "pause"), [(None, 1), ("7", 7), ("0", 1), ("9999", 30), ("soon", 1)]
)
def test_the_pause_is_as_long_as_stripe_says_within_reason(
    said: str | None, pause: float
) -> None:
    assert pause_in({} if said is None else {"Retry-After": said}) == pause
