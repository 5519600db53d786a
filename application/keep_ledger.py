"""Check the ledger of each day that is over, and tell the humans of a difference."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from application.check_ledger import CheckLedger
from application.ports.alerts import Alert, Alerts
from application.ports.clock import Clock
from application.ports.ledger_days import LedgerDays
from application.ports.payments import PaymentGateway
from application.ports.turns import Turns
from domain.day_ledger import DayLedger, LedgerItem, beginning_of, day_of

JOB: Final = "keep ledger"
TURN: Final = timedelta(minutes=30)
# As long as money may be without an outcome: by then every row is written.
GRACE: Final = timedelta(hours=1)
DAYS: Final = 2
REACH: Final = timedelta(days=30)
AGAIN_MAX: Final = 30
TOLD_MAX: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepLedger:
    """Once a day the days before, and each time whatever differed lately.

    A day that differed is checked until it is equal or too old, so that a difference
    that was mended is no difference for ever.  The humans are told of it again only
    when it has changed.
    """

    alerts: Alerts
    check_ledger: CheckLedger
    clock: Clock
    days: LedgerDays
    payments: PaymentGateway
    turns: Turns
    worker: str

    async def __call__(self) -> int:
        """Check what is due, and return how many days that was.

        Raises:
            PaymentGatewayUnavailable: the next turn begins again.
            StorageUnavailable: the same.
        """
        at = self.clock.now()
        if not await self.turns.take(JOB, by=self.worker, at=at, until=at + TURN):
            return 0
        today = day_of(self.payments.now() - GRACE)
        due = await self._due(today)
        for day in due:
            await self._check(day)
        await self.turns.move_mark(JOB, to=beginning_of(today))
        return len(due)

    async def _due(self, today: date) -> list[date]:
        differed = await self.days.unequal(since=today - REACH, limit=AGAIN_MAX)
        days = {ledger.day for ledger in differed}
        mark = await self.turns.mark(JOB)
        if mark is None or day_of(mark) < today:
            days |= set(_days_since(mark, today))
        return sorted(days)

    async def _check(self, day: date) -> None:
        ledger = await self.check_ledger(day)
        is_news = await self.days.find(day) != ledger
        if is_news and not ledger.is_equal:
            await self.alerts.send(difference_alert(ledger))
        await self.days.store(ledger, at=self.clock.now())


def _days_since(mark: datetime | None, today: date) -> Iterator[date]:
    """Name the last days, and all that an outage left out, as far as we reach."""
    missed = 0 if mark is None else (today - day_of(mark)).days
    for back in range(1, min(max(DAYS, missed + 1), REACH.days) + 1):
        yield today - timedelta(days=back)


def difference_alert(ledger: DayLedger) -> Alert:
    return Alert(
        code="ledger_difference",
        message="The provider's books of a day and our rows are not equal.",
        next_step="Compare each item with its payment in Stripe's dashboard.",
        facts={"day": ledger.day.isoformat(), **facts_of(ledger)},
    )


def facts_of(ledger: DayLedger) -> dict[str, str | int | None]:
    """Return the differences of the sums, and the first of what does not match."""
    lines = [line for line in ledger.lines if line.difference]
    return {
        **{f"difference_{line.currency}": line.difference for line in lines},
        "items": len(ledger.items) + ledger.items_unnamed,
        **{f"item_{at}": said(item) for at, item in enumerate(ledger.items[:TOLD_MAX])},
    }


def said(item: LedgerItem) -> str:
    """Say in a line what does not match, and where to look it up."""
    names = (item.payment_intent, item.subject, item.purchase_id)
    return " ".join([item.mismatch, item.kind, *(name for name in names if name)])
