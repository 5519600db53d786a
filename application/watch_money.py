"""See how much money has no outcome yet, and tell a human when it takes too long."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from application.ports.alerts import Alert, Alerts
from application.ports.clock import Clock
from application.ports.metrics import Metrics, Standing
from application.ports.orphans import OrphanRepository
from application.ports.purchases import PurchaseRepository
from application.ports.turns import Turns
from domain.orphans import Orphan
from domain.purchase import Purchase
from domain.unsettled_money import Promise, Unsettled, unsettled, unsettled_orphan

BATCH: Final = 1000  # rows are full of them only when something is badly wrong
JOB: Final = "watch money"
TURN: Final = timedelta(seconds=50)  # shorter than the pause between two looks
AGAIN: Final = timedelta(hours=6)
NO_TIME: Final = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """One piece of money: what it waits for, since when, and until when it may."""

    kind: str
    since: datetime
    ends: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchMoney:
    """Look on every instance; one of them tells the humans.

    They are told when money gets older than we promise, at once for each that does, and
    every six hours while some is.  When they were told last is kept in the database, so
    that any number of instances tell once.
    """

    alerts: Alerts
    clock: Clock
    metrics: Metrics
    orphans: OrphanRepository
    promise: Promise
    purchases: PurchaseRepository
    turns: Turns
    worker: str

    async def __call__(self) -> None:
        """Show how it stands, and alarm if need be.

        Raises:
            StorageUnavailable: the next look says it.
        """
        purchases = await self.purchases.unsettled(limit=BATCH)
        orphans = await self.orphans.open_orphans(limit=BATCH)
        pieces = [
            *(piece for each in purchases for piece in self._of_purchase(each)),
            *(piece for each in orphans for piece in self._of_orphan(each)),
        ]
        at = self.clock.now()
        self.metrics.show_money(_standings(pieces, at))
        overdue = [piece for piece in pieces if piece.ends and piece.ends <= at]
        if overdue and await self._is_ours_to_tell(at):
            await self._tell(overdue, at)

    def _of_purchase(self, purchase: Purchase) -> Iterator[_Piece]:
        since = purchase.unsettled_since or purchase.updated_at
        for kind in unsettled(purchase):
            yield self._piece(kind, since)

    def _of_orphan(self, orphan: Orphan) -> Iterator[_Piece]:
        kind = unsettled_orphan(orphan)
        if kind is not None:
            yield self._piece(kind, orphan.found_at)

    def _piece(self, kind: Unsettled, since: datetime) -> _Piece:
        ends = self.promise.ends(kind, since=since)
        return _Piece(kind=kind.value, since=since, ends=ends)

    async def _is_ours_to_tell(self, at: datetime) -> bool:
        until = at + TURN
        return await self.turns.take(JOB, by=self.worker, at=at, until=until)

    async def _tell(self, overdue: Sequence[_Piece], at: datetime) -> None:
        """Alarm, unless all of this was said less than six hours ago.

        What no way to the humans takes is not said; the next look says it.
        """
        told = await self.turns.mark(JOB)
        if told is not None and at - told < AGAIN:
            crossed = [piece for piece in overdue if piece.ends and piece.ends > told]
            if not crossed:
                return
        if await self.alerts.deliver(_alert(overdue, at)):
            await self.turns.move_mark(JOB, to=at)


def _standings(pieces: Sequence[_Piece], at: datetime) -> dict[str, Standing]:
    ages: dict[str, list[timedelta]] = defaultdict(list)
    for piece in pieces:
        ages[piece.kind].append(max(timedelta(), at - piece.since))
    kinds = [kind.value for kind in Unsettled]
    return {
        kind: Standing(count=len(ages[kind]), oldest=max(ages[kind], default=NO_TIME))
        for kind in kinds
    }


def _alert(overdue: Sequence[_Piece], at: datetime) -> Alert:
    oldest = min(piece.since for piece in overdue)
    minutes = (at - oldest) // timedelta(minutes=1)
    return Alert(
        code="money_without_outcome",
        message="Money that must go back has not gone back in the time we promise.",
        next_step=(
            "Run `spothold reconcile`: it names each purchase and what stands in the"
            " way."
        ),
        facts={
            "count": len(overdue),
            "oldest_minutes": minutes,
            "waits_for": ", ".join(sorted({piece.kind for piece in overdue})),
        },
    )
