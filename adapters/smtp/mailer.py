import asyncio
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from functools import cache
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit

from aiosmtplib import (
    SMTP,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from adapters.smtp.letters import alert, confirmation, notice, one_line
from application.ports.mail import (
    AlertLetter,
    ConfirmationLetter,
    MailNotSent,
    NoticeLetter,
)

TIMEOUT = 10.0
GOODBYE_TIMEOUT = 1.0
LONGEST_REASON = 200
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mail is handed in, as SMTP_URL says it.

    `smtp://host:25` is plain, `smtp://user:password@host:587?starttls` is encrypted
    after the greeting, `smtps://user:password@host:465` from the start.
    """

    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    use_tls: bool = False
    start_tls: bool = False

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Read SMTP_URL.

        Raises:
            ValueError: no such scheme, no host, or a password in the clear.
        """
        parts = urlsplit(url)
        use_tls = parts.scheme == "smtps"
        start_tls = "starttls" in parse_qs(parts.query, keep_blank_values=True)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise ValueError("SMTP_URL must look like smtp://host:port or smtps://host")
        encrypted = use_tls or start_tls
        if parts.username and not encrypted and parts.hostname not in LOOPBACK:
            raise ValueError("SMTP_URL has a password: use smtps:// or add ?starttls")
        return cls(
            host=parts.hostname,
            port=parts.port or (465 if use_tls else 587 if start_tls else 25),
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            use_tls=use_tls,
            start_tls=start_tls,
        )

    def client(self, timeout: float) -> SMTP:
        return SMTP(
            hostname=self.host,
            port=self.port,
            username=self.username,
            password=self.password,
            use_tls=self.use_tls,
            start_tls=self.start_tls,
            tls_context=_trusted() if self.use_tls or self.start_tls else None,
            timeout=timeout,
            # The default asks the name service, out of the ten seconds.
            local_hostname=socket.gethostname(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpMailer:
    """Sends each letter over a connection of its own: mail is rare."""

    server: MailServer
    sender: str
    timeout: float = TIMEOUT

    async def send_confirmation(self, letter: ConfirmationLetter) -> None:
        await self._send(confirmation(letter, sender=self.sender), letter.to_email)

    async def send_notice(self, letter: NoticeLetter) -> None:
        await self._send(notice(letter, sender=self.sender), letter.to_email)

    async def send_alert(self, letter: AlertLetter) -> None:
        await self._send(alert(letter, sender=self.sender), letter.to_email)

    async def _send(self, message: EmailMessage, recipient: str) -> None:
        client = self.server.client(self.timeout)
        try:
            async with asyncio.timeout(self.timeout):
                await client.connect()
                await client.send_message(message)
            await _say_goodbye(client)
        except (SMTPException, OSError, ValueError) as error:
            raise MailNotSent(reason_of(error, recipient)) from error
        finally:
            client.close()


@cache
def _trusted() -> ssl.SSLContext:
    """Trust whom the system does; to read it is dearer than a mail (docs/adr/0033)."""
    return ssl.create_default_context()


async def _say_goodbye(client: SMTP) -> None:
    """Be polite, briefly: the mail is accepted, and nothing here may deny that."""
    with suppress(SMTPException, OSError):
        await client.quit(timeout=GOODBYE_TIMEOUT)


def reason_of(error: Exception, recipient: str = "") -> str:
    """Say what went wrong without the address: reasons are stored and logged."""
    match error:
        case SMTPRecipientsRefused(recipients=[refusal, *_]):
            said = f"recipient refused: {refusal.code} {refusal.message}"
        case SMTPResponseException():
            said = f"the server said {error.code} {error.message}"
        case TimeoutError():
            said = "no answer in time"
        case _:
            said = f"{type(error).__name__}: {error}"
    said = said.replace(recipient, "…") if recipient else said
    return one_line(said, LONGEST_REASON)
