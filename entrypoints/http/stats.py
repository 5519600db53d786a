"""How everything stands, for admins."""

from datetime import date, datetime
from typing import Annotated, Final

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from application.ports.figures import MoneyOfDay, SpotsOfProgram, StatusCounts
from application.ports.locks import LockStatistics
from application.take_stock import Stock, TakeStock
from entrypoints.http import samples
from entrypoints.http.auth import ADMIN_ONLY
from entrypoints.http.openapi import refusals
from entrypoints.http.shapes import ON_THE_WIRE, Shape, Success, WireStatus

DAYS: Final = 30
DAYS_MAX: Final = 90

Days = Annotated[int, QueryParameter(name="days", ge=1, le=DAYS_MAX)]


class MoneyOfDayShape(Shape):
    """What came in and what went back, in minor units, on a day of UTC."""

    day: date
    currency: str
    came: int = msgspec.field(name="in")
    went: int = msgspec.field(name="out")

    @classmethod
    def of(cls, money: MoneyOfDay) -> "MoneyOfDayShape":
        return cls(
            day=money.day, currency=money.currency, came=money.came, went=money.went
        )


class ProgramSpotsShape(Shape):
    """`limit` and `free` are null without a limit; `over`: above a lowered one."""

    program_id: str
    title: str
    limit: int | None
    held: int
    paid: int
    free: int | None
    over: int

    @classmethod
    def of(cls, spots: SpotsOfProgram) -> "ProgramSpotsShape":
        return cls(
            program_id=spots.program_id,
            title=spots.title,
            limit=spots.limit,
            held=spots.held,
            paid=spots.paid,
            free=spots.free,
            over=spots.over,
        )


class UnsettledShape(Shape):
    count: int
    oldest_seconds: float


class WebhooksShape(Shape):
    """The last event that any instance heard, and how long it was on its way."""

    last_event_at: datetime | None
    lag_seconds: float | None


class MailStandShape(Shape):
    """`oldestSeconds`: how long the mail that waits longest is overdue."""

    waiting: int
    dead: int
    oldest_seconds: float


class LockStandShape(Shape):
    active: int
    waiting: int
    p95_wait_ms: float
    health: str

    @classmethod
    def of(cls, seen: LockStatistics) -> "LockStandShape":
        return cls(
            active=seen.active,
            waiting=seen.waiting,
            p95_wait_ms=round(seen.wait_times.p95.total_seconds() * 1000, 3),
            health="warning" if seen.is_crowded else "healthy",
        )


class VerdictShape(Shape):
    """`worst` is a stable word, null when all is well."""

    ok: bool
    worst: str | None
    next_step: str | None


class StatsShape(Shape):
    """Figures of at most three seconds ago; trouble is counted to a thousand."""

    purchases_by_status: dict[str, int]
    money_by_day: list[MoneyOfDayShape]
    programs: list[ProgramSpotsShape]
    money_without_outcome: UnsettledShape
    webhooks: WebhooksShape
    mail: MailStandShape
    locks: LockStandShape
    findings: dict[str, int]
    verdict: VerdictShape

    @classmethod
    def of(cls, stock: Stock) -> "StatsShape":
        heard, mail, verdict = stock.heard, stock.mail, stock.verdict
        return cls(
            purchases_by_status=_on_the_wire(stock.counts),
            money_by_day=list(map(MoneyOfDayShape.of, stock.money)),
            programs=list(map(ProgramSpotsShape.of, stock.spots)),
            money_without_outcome=UnsettledShape(
                count=stock.unsettled.count,
                oldest_seconds=stock.unsettled.oldest.total_seconds(),
            ),
            webhooks=WebhooksShape(
                last_event_at=heard.at if heard else None,
                lag_seconds=heard.lag.total_seconds() if heard else None,
            ),
            mail=MailStandShape(
                waiting=mail.count,
                dead=stock.dead_mails,
                oldest_seconds=mail.oldest.total_seconds(),
            ),
            locks=LockStandShape.of(stock.locks),
            findings={
                severity.name.lower(): number
                for severity, number in stock.findings.items()
            },
            verdict=VerdictShape(
                ok=verdict.is_well, worst=verdict.worst, next_step=verdict.next_step
            ),
        )


def _on_the_wire(counts: StatusCounts) -> dict[str, int]:
    """Count by what a purchase is shown as, so that each number leads to its list."""
    shown = dict.fromkeys(WireStatus, 0)
    for status, number in counts.by_status.items():
        shown[ON_THE_WIRE[status]] += number
    failed = min(counts.refund_failed, shown[WireStatus.COMPLETED])
    shown[WireStatus.COMPLETED] -= failed
    shown[WireStatus.REFUND_FAILED] += failed
    return {status.value: number for status, number in shown.items()}


class StatsController(Controller):
    path = "/api/admin/purchases/stats"
    tags = ("Admin",)
    opt = {ADMIN_ONLY: True}  # noqa: RUF012  # Litestar's own way to say it

    @get(
        responses=refusals(samples.NOT_ADMIN, samples.BAD_QUERY),
        summary="Say how everything stands, in figures",
    )
    async def stats(
        self, take_stock: NamedDependency[TakeStock], days: Days = DAYS
    ) -> Success[StatsShape]:
        """Money of the last days, today included; all else as it is now."""
        return Success(data=StatsShape.of(await take_stock(days=days)))
