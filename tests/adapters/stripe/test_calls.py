import pytest

from adapters.stripe.calls import Calls
from application.ports.payments import PaymentGatewayUnavailable, SessionNotOpen
from entrypoints.observing import WatchedCalls
from entrypoints.simulation.outside.alerts import RecordingAlerts
from entrypoints.simulation.outside.clock import ManualClock
from entrypoints.simulation.outside.metrics import RecordingMetrics
from entrypoints.simulation.outside.trail import InMemoryTrail
from tests.adapters.stripe.conftest import CALM


@pytest.mark.parametrize(
    ("error", "ends", "outcome"),
    [
        (TimeoutError(), PaymentGatewayUnavailable, "payment_gateway_unavailable"),
        (SessionNotOpen(), SessionNotOpen, "session_not_open"),
    ],
)
async def test_a_call_is_watched_until_it_has_its_end(
    error: Exception, ends: type[Exception], outcome: str
) -> None:
    metrics = RecordingMetrics()
    watch = WatchedCalls(metrics=metrics)
    calls = Calls(
        alerts=RecordingAlerts(),
        clock=ManualClock(),
        patience=CALM,
        trail=InMemoryTrail(),
        watch=watch,
    )

    with pytest.raises(ends):
        async with calls.call("get_session", "cs_1"):
            raise error

    assert metrics.calls == {("get_session", outcome): 1}
