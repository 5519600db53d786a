"""What only the doctor asks, in Stripe's own words."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final

import pytest

from adapters.stripe.patience import Patience
from adapters.stripe.probe import StripeProbe
from adapters.system.clock import SystemClock
from application.ports.payments import PaymentGatewayUnavailable
from application.ports.probes import RightMissing
from tests.adapters.stripe.scripted import says, scripted_stripe

FORBIDDEN: Final = {
    "error": {
        "type": "invalid_request_error",
        "message": "The provided key 'rk_test_***abc' does not have the required"
        " permissions for this endpoint on account 'acct_1'. Having the"
        " 'rak_webhook_read' permission would allow this request to continue.",
    }
}


@asynccontextmanager
async def probe_of(*answers: Any) -> AsyncIterator[StripeProbe]:
    async with scripted_stripe() as stripe:
        stripe.plays(*answers)
        probe = StripeProbe(
            "rk_test_1",
            api_base=stripe.base,
            clock=SystemClock(),
            patience=Patience(tries=1, pause=timedelta(milliseconds=1)),
        )
        yield probe
        await probe.close()


async def test_the_right_that_stripe_names_is_named_and_the_key_is_not() -> None:
    async with probe_of(says(FORBIDDEN, 403)) as probe:
        with pytest.raises(RightMissing) as refused:
            await probe.endpoints()

    assert refused.value.right == "Webhook Endpoints (rak_webhook_read)"
    assert "rk_test" not in str(refused.value)


async def test_a_list_that_is_none_is_no_answer() -> None:
    async with probe_of(says({"object": "list", "has_more": False})) as probe:
        with pytest.raises(PaymentGatewayUnavailable):
            await probe.endpoints()
