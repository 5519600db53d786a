"""What a letter to a buyer says, before it is set in text and in HTML."""

from dataclasses import dataclass
from typing import Final

from adapters.smtp.formats import local_time, money
from application.ports.mail import ConfirmationLetter

CLOSING: Final = "Please keep the order number: with it we find your purchase at once."


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    name: str
    text: str
    is_total: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """Everything that both parts say, so that neither says more than the other.

    `preheader` is what an inbox shows beside the subject; it repeats other words.
    """

    subject: str
    heading: str
    preheader: str
    to_name: str
    sentences: tuple[str, ...]
    rows: tuple[Row, ...]
    receipt_url: str | None
    closing: str = CLOSING


def confirmed(letter: ConfirmationLetter) -> Body:
    """Say what was bought and what it cost, part by part."""
    return Body(
        subject="Enrollment Confirmed",
        heading="Your enrollment is confirmed",
        preheader=f"{letter.program_title}: {money(letter.total, letter.currency)}",
        to_name=letter.to_name,
        sentences=("thank you: the place is yours. Here is what you bought.",),
        rows=(*_bought(letter), *_paid(letter)),
        receipt_url=letter.receipt_url,
    )


def program_row(title: str, program_type: str) -> Row:
    return Row(name="Program", text=f"{title} ({program_type})")


def _bought(letter: ConfirmationLetter) -> tuple[Row, ...]:
    place = (Row(name="Enrolled as", text="Class representative"),)
    return (
        program_row(letter.program_title, letter.program_type),
        *(place if letter.is_class_rep else ()),
        Row(name="Order number", text=letter.order_number),
        Row(name="Date", text=local_time(letter.purchased_at, letter.time_zone)),
    )


def _paid(letter: ConfirmationLetter) -> tuple[Row, ...]:
    def row(name: str, amount: int, sign: str = "") -> Row:
        return Row(name=name, text=f"{sign}{money(amount, letter.currency)}")

    discounts = (
        ("Class representative discount", letter.class_rep_discount),
        ("Early bird discount", letter.early_bird_discount),
    )
    total = money(letter.total, letter.currency)
    return (
        row("Price", letter.full_price),
        *(row(name, amount, "-") for name, amount in discounts if amount),
        Row(name="Total paid", text=total, is_total=True),
    )
