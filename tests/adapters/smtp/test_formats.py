from datetime import UTC, datetime

import pytest

from adapters.smtp.formats import local_time, money


@pytest.mark.parametrize(
    ("amount", "currency", "reads"),
    [
        (123456, "usd", "$1,234.56"),
        (0, "usd", "$0.00"),
        (5, "eur", "€0.05"),
        (123456, "jpy", "¥123,456"),
        (1500, "krw", "₩1,500"),
        (5120, "kwd", "KWD\N{NO-BREAK SPACE}5.120"),
        (1050, "rsd", "RSD\N{NO-BREAK SPACE}10.50"),
        (500, "isk", "ISK\N{NO-BREAK SPACE}5.00"),
        (500, "ugx", "UGX\N{NO-BREAK SPACE}5.00"),
    ],
)
def test_minor_units_are_stripes(amount: int, currency: str, reads: str) -> None:
    assert money(amount, currency) == reads


def test_a_time_names_its_zone() -> None:
    noon = datetime(2026, 7, 1, 16, 0, tzinfo=UTC)
    assert local_time(noon, "America/New_York") == (
        "July 1, 2026 at 12:00 PM (America/New_York)"
    )


def test_a_zone_can_change_the_day() -> None:
    late = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
    assert local_time(late, "Asia/Tokyo") == "January 1, 2027 at 1:30 AM (Asia/Tokyo)"
