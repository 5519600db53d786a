"""Turns a letter into a message that no name or title can break out of."""

import re
from datetime import UTC, datetime
from email.headerregistry import (
    Address,
    BaseHeader,
    HeaderRegistry,
    MessageIDHeader,
)
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime, make_msgid, parseaddr

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from adapters.smtp.bodies import Body, confirmed
from adapters.smtp.notices import told
from application.ports.mail import (
    AlertLetter,
    ConfirmationLetter,
    MailNotSent,
    NoticeLetter,
)

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
IN_A_SUBJECT = 120


class _MessageId(MessageIDHeader):
    """Stays on the line of its name: some servers take a folded one for none."""

    name: str

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


class _Headers(HeaderRegistry):
    """Makes a header's class once; the library makes one each time (docs/adr/0033)."""

    def __init__(self) -> None:
        super().__init__()
        self.map_to_type("message-id", _MessageId)  # type: ignore[arg-type]  # mixes in
        self._made: dict[str, type[BaseHeader]] = {}

    def __getitem__(self, name: str) -> type[BaseHeader]:
        if name not in self._made:  # the names are in the code: they are few
            self._made[name] = super().__getitem__(name)
        return self._made[name]


POLICY = SMTP.clone(header_factory=_Headers())

templates = Environment(
    loader=PackageLoader("adapters.smtp"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def one_line(text: str, at_most: int | None = None) -> str:
    """Make text fit for one header: a line break in it could start another header."""
    return " ".join(CONTROL.sub(" ", text).split())[:at_most]


templates.filters["one_line"] = one_line


def confirmation(letter: ConfirmationLetter, *, sender: str) -> EmailMessage:
    return _letter(letter, confirmed(letter), sender=sender)


def notice(letter: NoticeLetter, *, sender: str) -> EmailMessage:
    return _letter(letter, told(letter), sender=sender)


def alert(letter: AlertLetter, *, sender: str) -> EmailMessage:
    _, address = parseaddr(sender)
    message = _envelope(
        sender=sender,
        to=_address("", letter.to_email),
        subject=f"[Spothold] {one_line(letter.subject, IN_A_SUBJECT)}",
        message_id=make_msgid("alert", domain=address.partition("@")[2] or None),
    )
    text = templates.get_template("alert.txt").render(letter=letter)
    message.set_content(text)
    return message


def _envelope(
    *, sender: str, to: Address, subject: str, message_id: str
) -> EmailMessage:
    message = EmailMessage(policy=POLICY)
    message["From"] = _address(*parseaddr(sender))
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = one_line(message_id)
    message["Auto-Submitted"] = "auto-generated"  # so that no holiday answer comes back
    return message


def _letter(
    letter: ConfirmationLetter | NoticeLetter, body: Body, *, sender: str
) -> EmailMessage:
    """Say the same in text and in HTML."""
    program = one_line(letter.program_title, IN_A_SUBJECT)
    number = one_line(letter.order_number)
    message = _envelope(
        sender=sender,
        to=_address(letter.to_name, letter.to_email),
        subject=f"{body.subject}: {program} - Order {number}",
        message_id=letter.message_id,
    )
    message.set_content(templates.get_template("letter.txt").render(body=body))
    html = templates.get_template("letter.html").render(body=body)
    message.add_alternative(html, subtype="html")
    return message


def _address(name: str, email: str) -> Address:
    try:
        return Address(display_name=one_line(name), addr_spec=email)
    except (ValueError, IndexError) as error:
        raise MailNotSent("the recipient is not a mail address") from error
