"""The mails that were caught, newest first, in memory and no more than so many."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.headerregistry import AddressHeader
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from secrets import token_urlsafe

MOST_MAILS = 500
SNIPPET_LENGTH = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    name: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    id: str
    created: datetime
    raw: bytes
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message.get("Subject", ""))

    @property
    def message_id(self) -> str:
        return str(self.message.get("Message-ID", "")).strip("<> ")

    @property
    def date(self) -> datetime:
        """When the sender says it was written; when it came, if it does not say."""
        try:
            return parsedate_to_datetime(str(self.message["Date"]))
        except ValueError:
            return self.created

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    @property
    def snippet(self) -> str:
        return " ".join(self.text.split())[:SNIPPET_LENGTH]

    def mailboxes(self, header: str) -> list[Mailbox]:
        value = self.message.get(header)
        if not isinstance(value, AddressHeader):
            return []
        return [
            Mailbox(name=address.display_name, address=address.addr_spec)
            for address in value.addresses
        ]

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        content = part.get_content() if part else ""
        return content if isinstance(content, str) else ""


class Inbox:
    def __init__(self, at_most: int = MOST_MAILS) -> None:
        self._mails: deque[Mail] = deque(maxlen=at_most)

    def __iter__(self) -> Iterator[Mail]:
        return iter(list(self._mails))

    def __len__(self) -> int:
        return len(self._mails)

    def put(self, raw: bytes) -> Mail:
        """Keep a mail; the oldest goes when there are too many."""
        mail = Mail(
            id=token_urlsafe(12),
            created=datetime.now(UTC),
            raw=raw,
            message=message_from_bytes(raw, EmailMessage, policy=default),
        )
        self._mails.appendleft(mail)
        return mail

    def find(self, mail_id: str) -> Mail | None:
        """The mail with this id, or the newest one for `latest`, as Mailpit has it."""
        return next((m for m in self if mail_id in {m.id, "latest"}), None)

    def remove(self, mail_ids: list[str]) -> None:
        """Remove these mails; all of them when none is named, as Mailpit does."""
        kept = [m for m in self if mail_ids and m.id not in mail_ids]
        self._mails.clear()
        self._mails.extend(kept)
