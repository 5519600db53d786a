import asyncio
from datetime import datetime, timedelta
from typing import Final

from application.ports.alerts import Alert, Alerts
from application.ports.clock import Clock
from application.ports.mail import AlertLetter, Mailer, MailNotSent

PAUSE: Final = timedelta(minutes=10)  # between two mails about the same thing


class MailedAlerts:
    """Mails an alert to the admin, beside whatever else is done with it.

    Nobody waits for the mail: an alert is sent in the middle of a request.  One mail in
    `PAUSE` for each code; those between are counted in the next one.  A mail that
    cannot be sent is not tried again, for the other place has the alert already.
    """

    def __init__(
        self, beside: Alerts, mailer: Mailer, clock: Clock, *, admin: str
    ) -> None:
        self._beside = beside
        self._mailer = mailer
        self._clock = clock
        self._admin = admin
        self._last: dict[str, datetime] = {}
        self._held_back: dict[str, int] = {}
        self._on_their_way: set[asyncio.Task[None]] = set()

    async def send(self, alert: Alert) -> None:
        await self._beside.send(alert)
        now = self._clock.now()
        last = self._last.get(alert.code)
        if last is not None and now - last < PAUSE:
            self._held_back[alert.code] = self._held_back.get(alert.code, 0) + 1
            return
        self._last[alert.code] = now
        letter = self._letter(alert, more=self._held_back.pop(alert.code, 0))
        task = asyncio.create_task(self._mail(letter))
        self._on_their_way.add(task)
        task.add_done_callback(self._on_their_way.discard)

    async def delivered(self) -> None:
        """Return when no mail is on its way, such as before the loop ends."""
        await asyncio.gather(*self._on_their_way, return_exceptions=True)

    async def _mail(self, letter: AlertLetter) -> None:
        try:
            await self._mailer.send_alert(letter)
        except MailNotSent as error:
            await self._beside.send(
                Alert(
                    code="alert_not_mailed",
                    message=str(error),
                    next_step="Look at the mail server; the alerts are in the log.",
                )
            )

    def _letter(self, alert: Alert, *, more: int) -> AlertLetter:
        facts = tuple(f"{name}: {value}" for name, value in alert.facts.items())
        since = (f"{more} more of these since the last mail.",) if more else ()
        return AlertLetter(
            to_email=self._admin,
            subject=alert.code,
            lines=(alert.message, f"Next step: {alert.next_step}", *facts, *since),
        )


def alerts_of(
    beside: Alerts, mailer: Mailer, clock: Clock, *, admin: str | None
) -> Alerts:
    """Mail alerts too, if somebody is named to read them."""
    if admin is None:
        return beside
    return MailedAlerts(beside, mailer, clock, admin=admin)
