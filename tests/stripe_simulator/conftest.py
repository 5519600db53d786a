from collections.abc import AsyncIterator

import aiohttp
import pytest
import stripe

from tests.servers.stripe_simulator import (
    API_KEY,
    RunningSimulator,
    stripe_simulator,
)
from tests.servers.webhook_receiver import Receiver, webhook_receiver

stripe.enable_telemetry = False


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with webhook_receiver() as running:
        yield running


@pytest.fixture
async def simulator(receiver: Receiver) -> AsyncIterator[RunningSimulator]:
    async with stripe_simulator(webhook_urls=[receiver.url]) as running:
        yield running


@pytest.fixture
async def client(simulator: RunningSimulator) -> AsyncIterator[stripe.StripeClient]:
    """Stripe's own SDK, over a real socket, without retries of its own."""
    http = stripe.AIOHTTPClient(timeout=aiohttp.ClientTimeout(total=5))
    yield stripe.StripeClient(
        API_KEY, http_client=http, base_addresses={"api": simulator.url}
    )
    await http.close_async()  # type: ignore[no-untyped-call]
