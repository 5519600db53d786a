from datetime import timedelta

import pytest

from domain.checkout import LONGEST_SESSION, PaymentStatus
from entrypoints.simulation.outside.clock import NOON
from tests.examples import REQUEST, a_session


def test_a_request_succeeds_until_half_an_hour_before_its_sessions_end() -> None:
    assert REQUEST.closes_at == NOON + timedelta(minutes=5)


def test_no_session_lasts_longer_than_a_day() -> None:
    assert timedelta(hours=24) == LONGEST_SESSION


@pytest.mark.parametrize(
    ("status", "is_paid"),
    [
        (PaymentStatus.PAID, True),
        (PaymentStatus.UNPAID, False),
        (PaymentStatus.NOT_REQUIRED, False),
    ],
)
def test_only_the_word_paid_says_that_money_moved(
    status: PaymentStatus, *, is_paid: bool
) -> None:
    assert a_session(payment_status=status).is_paid is is_paid
