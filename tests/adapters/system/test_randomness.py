import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.system.randomness import SystemRandomness
from application.ports.randomness import Randomness
from entrypoints.simulation.outside.randomness import SeededRandomness

ORDER_NUMBER = re.compile(r"ORD-([0-9]{8})-[0-9A-HJKMNP-TV-Z]{16}")
MANY = 2_000

SOURCES = [SystemRandomness(), SeededRandomness(seed=7)]


@pytest.mark.parametrize("randomness", SOURCES)
@given(at=st.datetimes(min_value=datetime(2000, 1, 2), timezones=st.just(UTC)))  # noqa: DTZ001
def test_an_order_number_names_its_day_and_can_be_read_aloud(
    randomness: Randomness, at: datetime
) -> None:
    match = ORDER_NUMBER.fullmatch(randomness.order_number(at=at))

    assert match is not None
    assert match[1] == f"{at:%Y%m%d}".zfill(8)


@pytest.mark.parametrize("randomness", SOURCES)
def test_the_day_is_the_one_in_utc(randomness: Randomness) -> None:
    late_in_lima = datetime(2026, 3, 1, 22, tzinfo=timezone(timedelta(hours=-5)))

    assert randomness.order_number(at=late_in_lima).startswith("ORD-20260302-")


@pytest.mark.parametrize("randomness", SOURCES)
def test_nothing_is_given_twice(randomness: Randomness) -> None:
    at = datetime(2026, 3, 2, tzinfo=UTC)

    assert len({randomness.order_number(at=at) for _ in range(MANY)}) == MANY
    assert len({randomness.purchase_id() for _ in range(MANY)}) == MANY
    assert len({randomness.refund_id() for _ in range(MANY)}) == MANY


@pytest.mark.parametrize("randomness", SOURCES)
def test_an_id_is_thirty_two_hexadecimal_digits(randomness: Randomness) -> None:
    assert re.fullmatch(r"[0-9a-f]{32}", randomness.purchase_id())
    assert re.fullmatch(r"rf_[0-9a-f]{32}", randomness.refund_id())


@pytest.mark.parametrize("randomness", SOURCES)
def test_jitter_fills_the_range_and_stays_below_one(randomness: Randomness) -> None:
    numbers = [randomness.jitter() for _ in range(MANY)]

    assert 0 <= min(numbers) < 0.1
    assert 0.9 < max(numbers) < 1


def test_a_seed_can_be_run_again() -> None:
    first, second = SeededRandomness(seed=3), SeededRandomness(seed=3)

    assert [first.purchase_id(), first.jitter()] == [
        second.purchase_id(),
        second.jitter(),
    ]
    assert first.purchase_id() != SeededRandomness(seed=4).purchase_id()
