import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from aiosmtpd.smtp import SMTP, Envelope, Session

from entrypoints.inbox.mailbox import Inbox

LARGEST_MAIL = 1024 * 1024


@dataclass(frozen=True)  # aiosmtpd reads every member: slots break that on 3.11.2
class Catcher:
    """Accepts every mail for anyone and passes none on."""

    inbox: Inbox

    async def handle_DATA(  # noqa: N802 -- aiosmtpd's name
        self, _: SMTP, __: Session, envelope: Envelope
    ) -> str:
        mail = self.inbox.put(envelope.original_content or b"")
        return f"250 OK: kept as {mail.id}"


@asynccontextmanager
async def catching(inbox: Inbox, *, host: str, port: int) -> AsyncIterator[int]:
    """Catch mail for the body of an `async with`; gives the port."""
    loop = asyncio.get_running_loop()

    def protocol() -> SMTP:
        return SMTP(
            Catcher(inbox),
            data_size_limit=LARGEST_MAIL,
            enable_SMTPUTF8=True,
            hostname="inbox.localhost",
            loop=loop,
        )

    server = await loop.create_server(protocol, host, port)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        # From Python 3.12 on this waits for clients, and one may never hang up.
        with suppress(TimeoutError):
            await asyncio.wait_for(server.wait_closed(), 1)
