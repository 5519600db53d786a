"""See how much mail waits, and how much was given up."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from typing import Final

from application.ports.clock import Clock
from application.ports.metrics import Metrics, Standing
from application.ports.outbox import MailOutbox
from domain.outbox import MailState

BATCH: Final = 1000  # purchases; beyond it the figures say "at least"
NO_TIME: Final = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchMail:
    """Show figures and decide nothing: each mail that is given up has its own alert."""

    clock: Clock
    metrics: Metrics
    outbox: MailOutbox

    async def __call__(self) -> None:
        """Count what is not sent; the oldest is the one that is overdue for longest.

        Raises:
            StorageUnavailable: the next look says it.
        """
        at = self.clock.now()
        found = await self.outbox.unsent(limit=BATCH)
        mails = list(chain.from_iterable(purchase.mails for purchase in found))
        overdue = [at - mail.until for mail in mails if mail.is_due(at)]
        waiting = Standing(
            count=sum(mail.is_open for mail in mails),
            oldest=max(overdue, default=NO_TIME),
        )
        dead = sum(mail.state is MailState.DEAD for mail in mails)
        self.metrics.show_mail(waiting, dead=dead)
