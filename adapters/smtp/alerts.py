from collections.abc import Iterator
from dataclasses import dataclass

from application.ports.alerts import Alert, AlertNotTold, Bundle
from application.ports.mail import AlertLetter, Mailer, MailNotSent


@dataclass(frozen=True, slots=True, kw_only=True)
class MailedAlerts:
    """Mails alerts to the admin, those of one bundle in one mail."""

    mailer: Mailer
    admin: str
    name: str = "mail"

    async def tell(self, bundle: Bundle) -> None:
        letter = AlertLetter(
            to_email=self.admin,
            subject=_subject(bundle),
            lines=tuple(_lines(bundle)),
        )
        try:
            await self.mailer.send_alert(letter)
        except MailNotSent as error:
            raise AlertNotTold(error.reason) from error


def mailed_alerts(mailer: Mailer, *, admin: str | None) -> MailedAlerts | None:
    """Return the way to whoever is named to read them, if anybody is."""
    return None if admin is None else MailedAlerts(mailer=mailer, admin=admin)


def _subject(bundle: Bundle) -> str:
    number = len(bundle.alerts) + bundle.more
    return bundle.first.code if number == 1 else f"{bundle.first.code} ({number})"


def _lines(bundle: Bundle) -> Iterator[str]:
    first = bundle.first
    yield first.message
    yield f"Next step: {first.next_step}"
    yield from _facts(first)
    for other in bundle.others:
        yield f"Also: {other.message} {', '.join(_facts(other))}"
    if bundle.more:
        yield f"And {bundle.more} more of these, which are in the log."


def _facts(alert: Alert) -> Iterator[str]:
    return (f"{name}: {value}" for name, value in alert.facts.items())
