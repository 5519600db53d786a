from datetime import UTC, datetime, timedelta

from adapters.system.clock import SystemClock
from application.ports.clock import Clock


def test_the_time_is_aware_and_in_utc() -> None:
    clock: Clock = SystemClock()

    now = clock.now()

    assert now.tzinfo is UTC
    assert abs(now - datetime.now(UTC)) < timedelta(minutes=1)


def test_the_time_is_one_that_the_database_gives_back_unchanged() -> None:
    clock = SystemClock()

    assert {clock.now().microsecond % 1000 for _ in range(100)} == {0}
