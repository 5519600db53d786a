"""Calls of others are timed, and told apart by how they ended."""

import asyncio

import pytest

from application.ports.payments import PaymentGatewayUnavailable
from entrypoints.observing import WatchedCalls
from entrypoints.simulation.outside.metrics import RecordingMetrics


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (PaymentGatewayUnavailable("it is silent"), "payment_gateway_unavailable"),
        (asyncio.CancelledError(), "cancelled"),
        (RuntimeError("ada@example.org"), "failed"),
    ],
)
def test_a_call_is_counted_by_how_it_ended(error: BaseException, outcome: str) -> None:
    metrics = RecordingMetrics()
    with (
        pytest.raises(type(error)),
        WatchedCalls(metrics=metrics).watching("get_session"),
    ):
        raise error

    assert metrics.calls == {("get_session", outcome): 1}


def test_a_call_that_ends_well_is_ok() -> None:
    metrics = RecordingMetrics()
    with WatchedCalls(metrics=metrics).watching("get_session"):
        assert not metrics.calls

    assert metrics.calls == {("get_session", "ok"): 1}
