"""A mail server on a real socket that can misbehave as mail servers do."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class MailSink:
    """What arrived, and what the server is to do with the next mail."""

    port: int = 0
    envelopes: list[Envelope] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    answer: str = "250 OK"
    hangs_up_after_data: bool = False
    hangs_up_after_answer: bool = False
    slowness: float = 0  # seconds before each answer

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def messages(self) -> list[EmailMessage]:
        """Read all that arrived.

        Not a property: aiosmtpd looks at each attribute of its handler with each
        connection, and would have every mail read again for every new one.
        """
        return [
            message_from_bytes(e.original_content or b"", EmailMessage, policy=default)
            for e in self.envelopes
        ]

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name
        self, server: SMTP, _: Session, envelope: Envelope, address: str, __: list[str]
    ) -> str:
        await asyncio.sleep(self.slowness)
        if refusal := self.refused.get(address):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 -- aiosmtpd's name
        self, server: SMTP, _: Session, envelope: Envelope
    ) -> str:
        await asyncio.sleep(self.slowness)
        self.envelopes.append(envelope)
        if self.hangs_up_after_data:
            _hang_up(server)
        return self.answer

    async def handle_QUIT(  # noqa: N802 -- aiosmtpd's name
        self, server: SMTP, _: Session, __: Envelope
    ) -> str:
        if self.hangs_up_after_answer:
            _hang_up(server)
        return "221 Bye"


def _hang_up(server: SMTP) -> None:
    assert isinstance(server.transport, asyncio.Transport)
    server.transport.abort()


@asynccontextmanager
async def mail_sink(**options: Any) -> AsyncIterator[MailSink]:
    """Run a server; options are aiosmtpd's, such as an authenticator or TLS."""
    sink = MailSink()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(sink, hostname="sink.test", loop=loop, **options), "127.0.0.1", 0
    )
    sink.port = server.sockets[0].getsockname()[1]
    try:
        yield sink
    finally:
        server.close()
        await server.wait_closed()
