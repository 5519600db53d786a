import asyncio
from dataclasses import dataclass

from aiosmtplib import SMTPException

from adapters.smtp.mailer import TIMEOUT, MailServer, reason_of
from application.ports.mail import MailNotSent


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpProbe:
    server: MailServer
    timeout: float = TIMEOUT

    async def greet(self) -> None:
        client = self.server.client(self.timeout)
        try:
            async with asyncio.timeout(self.timeout):
                await client.connect()  # says EHLO, encrypts and logs in as configured
                await client.noop()
        except (SMTPException, OSError, ValueError) as error:
            raise MailNotSent(reason_of(error)) from error
        finally:
            client.close()
