from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from application.ports.mail import ConfirmationLetter

ADAS = ConfirmationLetter(
    message_id="<confirm.0190a1b2c3d4e5f6@spothold.example>",
    to_email="ada@example.com",
    to_name="Ada Lovelace",
    order_number="SH-7Q4M2K",
    program_title="Choir",
    program_type="Workshop",
    purchased_at=datetime(2026, 7, 1, 16, 0, tzinfo=UTC),
    time_zone="America/New_York",
    full_price=10000,
    class_rep_discount=2000,
    early_bird_discount=1500,
    total=6500,
    currency="usd",
    is_class_rep=True,
    is_early_bird=True,
    receipt_url="https://front.example/dashboard/purchase-receipt/0190a1b2",
)


def letter(**changes: Any) -> ConfirmationLetter:
    return replace(ADAS, **changes)
