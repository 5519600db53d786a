from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from adapters.stripe.gateway import StripePaymentGateway
from adapters.stripe.patience import Patience
from application.ports.trail import Trail
from entrypoints.simulation.outside.alerts import RecordingAlerts
from entrypoints.simulation.outside.clock import ManualClock
from entrypoints.simulation.outside.trail import InMemoryTrail
from tests.adapters.stripe.objects import NOON
from tests.adapters.stripe.scripted import ScriptedStripe, scripted_stripe

# Long enough for a machine that has other things to do; nobody waits for it to pass.
CALM = Patience(
    per_try=timedelta(seconds=10),
    pause=timedelta(milliseconds=1),
    overall=timedelta(seconds=60),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Our gateway on one end, a scripted Stripe on the other."""

    gateway: StripePaymentGateway
    stripe: ScriptedStripe
    alerts: RecordingAlerts
    clock: ManualClock
    trail: InMemoryTrail


def gateway_to(
    base: str,
    *,
    clock: ManualClock,
    alerts: RecordingAlerts,
    patience: Patience = CALM,
    trail: Trail | None = None,
) -> StripePaymentGateway:
    return StripePaymentGateway(
        "sk_test_x",
        clock=clock,
        alerts=alerts,
        environment="test",
        success_url="https://shop.example/purchase/success?session_id={CHECKOUT_SESSION_ID}",
        cancel_url="https://shop.example/purchase/cancel?purchase_id={PURCHASE_ID}",
        api_base=base,
        patience=patience,
        trail=trail,
    )


@asynccontextmanager
async def line_to_stripe(patience: Patience) -> AsyncIterator[Line]:
    clock, alerts, trail = ManualClock(NOON), RecordingAlerts(), InMemoryTrail()
    async with scripted_stripe() as stripe:
        gateway = gateway_to(
            stripe.base, clock=clock, alerts=alerts, patience=patience, trail=trail
        )
        try:
            yield Line(
                gateway=gateway,
                stripe=stripe,
                alerts=alerts,
                clock=clock,
                trail=trail,
            )
        finally:
            await gateway.close()


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    async with line_to_stripe(CALM) as line:
        yield line


@pytest.fixture
async def short_line() -> AsyncIterator[Line]:
    """Yield a line on which a stalled answer is soon given up."""
    patience = replace(CALM, per_try=timedelta(milliseconds=400))
    async with line_to_stripe(patience) as line:
        yield line
