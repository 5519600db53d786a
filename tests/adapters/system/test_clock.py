from datetime import UTC, datetime, timedelta

from adapters.system.clock import SystemClock
from application.ports.clock import Clock


def test_the_time_is_aware_and_in_utc() -> None:
    clock: Clock = SystemClock()

    now = clock.now()

    assert now.tzinfo is UTC
    assert abs(now - datetime.now(UTC)) < timedelta(minutes=1)
