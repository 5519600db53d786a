"""Send two mails from a process of its own, which trusts whom its environment says."""

import asyncio
import sys

from adapters.smtp.mailer import MailServer, SmtpMailer
from tests.adapters.smtp.letters import letter


async def send_two(url: str) -> None:
    server = MailServer.from_url(url)
    mailer = SmtpMailer(server=server, sender="no-reply@spothold.example")
    for _ in range(2):
        await mailer.send_confirmation(letter())


if __name__ == "__main__":
    asyncio.run(send_two(sys.argv[1]))
