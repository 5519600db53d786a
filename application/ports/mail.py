from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from application.errors import ApplicationError
from domain.outbox import NoticeKind
from domain.refunds import ExtraReason


class MailNotSent(ApplicationError):
    """The mail may or may not be on its way: an answer can be lost.

    Send it again later, with the same message id, so that two copies are known as one.
    """

    code = "mail_not_sent"

    def __init__(self, reason: str) -> None:
        super().__init__(f"The mail was not accepted: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationLetter:
    """What a buyer is told when a purchase is complete; amounts in minor units."""

    message_id: str
    to_email: str
    to_name: str
    order_number: str
    program_title: str
    program_type: str
    purchased_at: datetime
    time_zone: str
    full_price: int
    class_rep_discount: int
    early_bird_discount: int
    total: int
    currency: str
    is_class_rep: bool
    is_early_bird: bool
    receipt_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeLetter:
    """What a buyer is told about money that goes back; the amount in minor units.

    `reason` says why a payment was returned; None where a refund was asked for.
    `receipt_url` is None where nothing was ever bought.
    """

    message_id: str
    to_email: str
    to_name: str
    kind: NoticeKind
    order_number: str
    program_title: str
    program_type: str
    amount: int
    currency: str
    reason: ExtraReason | None
    has_access: bool
    receipt_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLetter:
    """What an admin is told when money or mail needs a person."""

    to_email: str
    subject: str
    lines: tuple[str, ...]


class Mailer(Protocol):
    async def send_confirmation(self, letter: ConfirmationLetter) -> None:
        """Hand the letter to the mail server, under the message id that it carries.

        Raises:
            MailNotSent: not accepted, or not known to be; try again later.
        """
        ...

    async def send_notice(self, letter: NoticeLetter) -> None:
        """Hand the letter to the mail server, under the message id that it carries.

        Raises:
            MailNotSent: not accepted, or not known to be; try again later.
        """
        ...

    async def send_alert(self, letter: AlertLetter) -> None:
        """Hand the alert to the mail server.

        Raises:
            MailNotSent: not accepted, or not known to be; try again later.
        """
        ...
