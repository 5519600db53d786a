"""What the notices about money say, in words that both parts of a mail share."""

from dataclasses import dataclass
from typing import Final

from adapters.smtp.bodies import Body, Row, program_row
from adapters.smtp.formats import money
from application.ports.mail import NoticeLetter
from domain.outbox import NoticeKind
from domain.refunds import ExtraReason

KEEPS: Final = "You keep your access to the program."
BANKS_TAKE: Final = "Banks may take up to ten days to show it."
NOTHING_TO_DO: Final = "There is nothing that you need to do."
WHY: Final = {
    ExtraReason.LATE: "after this purchase had been closed",
    ExtraReason.SECOND: "although this purchase was paid already",
    ExtraReason.FOREIGN_SESSION: "from a page that was not the one of this purchase",
    ExtraReason.WRONG_AMOUNT: "that was not the price of this purchase",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    subject: str
    heading: str
    sentences: tuple[str, ...]


def told(letter: NoticeLetter) -> Body:
    """Write the letter: what has happened, and to which purchase."""
    said = wording(letter)
    amount = money(letter.amount, letter.currency)
    return Body(
        subject=said.subject,
        heading=said.heading,
        preheader=f"{letter.program_title}: {amount}",
        to_name=letter.to_name,
        sentences=said.sentences,
        rows=(
            program_row(letter.program_title, letter.program_type),
            Row(name="Order number", text=letter.order_number),
            Row(name="Amount", text=amount, is_total=True),
        ),
        receipt_url=letter.receipt_url,
    )


def wording(letter: NoticeLetter) -> Wording:
    """Say what has happened, and what it means for the buyer."""
    amount = money(letter.amount, letter.currency)
    match letter.kind:
        case NoticeKind.REFUND_RECEIVED:
            return Wording(
                subject="Refund Received",
                heading="Your refund is on its way",
                sentences=(
                    f"we are giving {amount} back to where it was paid from.",
                    "You keep your access until all that you paid has gone back.",
                ),
            )
        case NoticeKind.REFUND_AGAIN:
            return Wording(
                subject="Refund Sent Again",
                heading="Your refund is sent again",
                sentences=(
                    f"a refund came back to us, so we are sending {amount} once more.",
                    NOTHING_TO_DO,
                ),
            )
        case NoticeKind.REFUND_DONE:
            over = "Your access to the program has ended."
            return Wording(
                subject="Refund Completed",
                heading="Your refund is complete",
                sentences=(
                    f"{amount} has gone back to where it was paid from.",
                    BANKS_TAKE,
                    KEEPS if letter.has_access else over,
                ),
            )
        case NoticeKind.REFUND_FAILED:
            return Wording(
                subject="Refund Failed",
                heading="Your refund did not go through",
                sentences=(
                    f"{amount} could not be given back to where it was paid from.",
                    KEEPS,
                    "We have been told as well, and will look for another way.",
                ),
            )
        case NoticeKind.MONEY_RETURNED:
            return Wording(
                subject="Payment Returned",
                heading="Your payment was returned",
                sentences=(
                    f"a payment of {amount} reached us {_why(letter)}.",
                    "All of it has gone back to where it was paid from.",
                    BANKS_TAKE,
                    KEEPS if letter.has_access else NOTHING_TO_DO,
                ),
            )


def _why(letter: NoticeLetter) -> str:
    if letter.reason is None:
        raise ValueError("money is returned for a reason")
    return WHY[letter.reason]
