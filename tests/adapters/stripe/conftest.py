from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from adapters.stripe.gateway import StripePaymentGateway
from adapters.stripe.patience import Patience
from tests.adapters.stripe.objects import NOON
from tests.adapters.stripe.scripted import ScriptedStripe, scripted_stripe
from tests.fakes.alerts import RecordingAlerts
from tests.fakes.clock import ManualClock

HURRIED = Patience(
    per_try=timedelta(milliseconds=150),
    pause=timedelta(milliseconds=1),
    overall=timedelta(seconds=2),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Our gateway on one end, a scripted Stripe on the other."""

    gateway: StripePaymentGateway
    stripe: ScriptedStripe
    alerts: RecordingAlerts
    clock: ManualClock


def hurried_gateway(
    base: str,
    *,
    clock: ManualClock,
    alerts: RecordingAlerts,
    patience: Patience = HURRIED,
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
    )


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    clock, alerts = ManualClock(NOON), RecordingAlerts()
    async with scripted_stripe() as stripe:
        gateway = hurried_gateway(stripe.base, clock=clock, alerts=alerts)
        yield Line(gateway=gateway, stripe=stripe, alerts=alerts, clock=clock)
        await gateway.close()
