"""How everything stands, in figures, for an admin who opens the first page."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from typing import Final

from application.ports.clock import Clock
from application.ports.figures import (
    Figures,
    MoneyOfDay,
    SpotsOfProgram,
    StatusCounts,
)
from application.ports.findings import FindingRepository, KnownFinding
from application.ports.hearing import Heard, Hearing
from application.ports.locks import KeyedLock, LockStatistics
from application.ports.metrics import Standing
from application.ports.orphans import OrphanRepository
from application.ports.outbox import MailOutbox
from application.ports.purchases import PurchaseRepository
from application.ports.turns import Turns
from application.tell_silence import is_silent
from application.watch_webhooks import is_late
from domain.day_ledger import beginning_of, day_of
from domain.findings import Severity
from domain.orphans import Orphan
from domain.outbox import MailState, OutgoingMail
from domain.purchase import Purchase
from domain.unsettled_money import Promise, Unsettled, unsettled, unsettled_orphan
from domain.verdict import Signs, Verdict, verdict_on

ROWS_MAX: Final = 1000  # of each kind of trouble; beyond it a figure says "at least"
PROGRAMS_MAX: Final = 100
KEPT_FOR: Final = timedelta(seconds=3)  # one process answers from memory meanwhile
NO_TIME: Final = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """All figures of one moment.

    Of `mail`, the oldest is what is overdue for longest, and `dead_mails` were given
    up; `findings` are counted by how bad they are.
    """

    counts: StatusCounts
    money: Sequence[MoneyOfDay]
    spots: Sequence[SpotsOfProgram]
    unsettled: Standing
    heard: Heard | None
    mail: Standing
    dead_mails: int
    locks: LockStatistics
    findings: Mapping[Severity, int]
    verdict: Verdict


@dataclass(slots=True)
class Kept:
    """What was last found, for how many days, and when."""

    by_days: dict[int, tuple[datetime, Stock]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeStock:
    """Look at everything once, in bounded reads, at most every few seconds.

    A figure is counted to a thousand where it counts trouble, programs to a hundred.
    The locks are those of this process.
    """

    clock: Clock
    figures: Figures
    findings: FindingRepository
    hearing: Hearing
    locks: KeyedLock
    orphans: OrphanRepository
    outbox: MailOutbox
    promise: Promise
    purchases: PurchaseRepository
    turns: Turns
    kept: Kept = field(default_factory=Kept)

    async def __call__(self, *, days: int) -> Stock:
        """Return how it stands, with the money of today and the days before it.

        Raises:
            StorageUnavailable: nothing is known.
        """
        at = self.clock.now()
        found, stock = self.kept.by_days.get(days, (None, None))
        if stock is not None and found is not None and NO_TIME <= at - found < KEPT_FOR:
            return stock
        stock = await self._look(days, at)
        self.kept.by_days[days] = (at, stock)
        return stock

    async def _look(self, days: int, at: datetime) -> Stock:
        since = beginning_of(day_of(at) - timedelta(days=days - 1))
        counts, money, spots, heard = await asyncio.gather(
            self.figures.status_counts(),
            self.figures.money_by_day(since=since),
            self.figures.spots(limit=PROGRAMS_MAX),
            self.hearing.last(),
        )
        owing, orphans, unsent, known = await asyncio.gather(
            self.purchases.unsettled(limit=ROWS_MAX),
            self.orphans.open_orphans(limit=ROWS_MAX),
            self.outbox.unsent(limit=ROWS_MAX),
            self.findings.open(limit=ROWS_MAX),
        )
        waits = [
            *chain.from_iterable(map(_owed_by, owing)),
            *chain.from_iterable(map(_owed_to_nobody, orphans)),
        ]
        mails = list(chain.from_iterable(purchase.mails for purchase in unsent))
        locks = self.locks.statistics()
        mail, dead = _mail(mails, at)
        return Stock(
            counts=counts,
            money=money,
            spots=spots,
            unsettled=_standing([at - began for _, began in waits]),
            heard=heard,
            mail=mail,
            dead_mails=dead,
            locks=locks,
            findings=_by_severity(known),
            verdict=verdict_on(
                Signs(
                    findings=[each.finding for each in known],
                    overdue_money=self._overdue(waits, at),
                    dead_mails=dead,
                    is_silent=await is_silent(self.turns, heard),
                    mail_late=mail.oldest,
                    is_late=heard is not None and is_late(heard, at=at),
                    is_crowded=locks.is_crowded,
                )
            ),
        )

    def _overdue(
        self, waits: Sequence[tuple[Unsettled, datetime]], at: datetime
    ) -> int:
        ends = (self.promise.ends(kind, since=since) for kind, since in waits)
        return sum(end is not None and end <= at for end in ends)


Waits = list[tuple[Unsettled, datetime]]


def _owed_by(purchase: Purchase) -> Waits:
    since = purchase.unsettled_since or purchase.updated_at
    return [(kind, since) for kind in unsettled(purchase)]


def _owed_to_nobody(orphan: Orphan) -> Waits:
    kind = unsettled_orphan(orphan)
    return [] if kind is None else [(kind, orphan.found_at)]


def _standing(ages: Sequence[timedelta]) -> Standing:
    return Standing(count=len(ages), oldest=max([NO_TIME, *ages]))


def _mail(mails: Sequence[OutgoingMail], at: datetime) -> tuple[Standing, int]:
    """Say how much mail waits, and how much was given up."""
    overdue = [at - mail.until for mail in mails if mail.is_due(at)]
    waiting = Standing(
        count=sum(mail.is_open for mail in mails),
        oldest=max(overdue, default=NO_TIME),
    )
    return waiting, sum(mail.state is MailState.DEAD for mail in mails)


def _by_severity(known: Sequence[KnownFinding]) -> Mapping[Severity, int]:
    counts = Counter(each.finding.severity for each in known)
    return {severity: counts[severity] for severity in Severity}
