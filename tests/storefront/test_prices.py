from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from entrypoints.storefront.answers import ProgramAnswer
from entrypoints.storefront.formats import local_time, money
from entrypoints.storefront.programs import Offer
from tests.storefront.scripted_service import PROGRAM

DEADLINE = datetime(2026, 3, 1, 12, tzinfo=UTC)


def offer(at: datetime, **changes: object) -> Offer:
    known = {**PROGRAM, "earlyBirdDeadline": DEADLINE.isoformat(), **changes}
    return Offer(program=msgspec.convert(known, ProgramAnswer), at=at)


@pytest.mark.parametrize(
    ("at", "total"), [(DEADLINE - timedelta(seconds=1), 8500), (DEADLINE, 10000)]
)
def test_the_early_bird_ends_with_its_deadline(at: datetime, total: int) -> None:
    assert offer(at).regular.total == total


def test_a_price_never_falls_below_nothing() -> None:
    assert offer(DEADLINE, classRepDiscount=10001).class_rep.total == 0


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        (123456, "usd", "$1,234.56"),
        (500, "jpy", "¥500"),
        (1050, "rsd", "RSD\N{NO-BREAK SPACE}10.50"),
        (1500, "kwd", "KWD\N{NO-BREAK SPACE}1.500"),
    ],
)
def test_money_has_the_decimals_that_stripe_counts_in(
    amount: int, currency: str, words: str
) -> None:
    assert money(amount, currency) == words


def test_times_are_the_programs() -> None:
    spoken = local_time(DEADLINE, "Asia/Tokyo").replace(
        "\N{NARROW NO-BREAK SPACE}", " "
    )
    assert spoken == "March 1, 2026 at 9:00 PM (Asia/Tokyo)"
    assert local_time(DEADLINE, "No/Where").endswith("(UTC)")
