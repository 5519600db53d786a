"""Look at the mail server, without a mail."""

from dataclasses import dataclass

from application.ports.mail import MailNotSent
from application.ports.probes import MailProbe
from domain.checkups import Checkup


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckMail:
    """Whether it takes mail of our sender, only a mail would tell."""

    probe: MailProbe
    name: str = "mail"

    async def __call__(self) -> Checkup:
        try:
            await self.probe.greet()
        except MailNotSent as error:
            return Checkup.broken(
                self.name,
                f"The mail server does not take us: {error.reason}",
                "Check SMTP_URL: host, port, ?starttls, user and password.",
            )
        return Checkup.fine(self.name, "The mail server greets us; no mail was sent.")
