"""How everything stands, in figures."""

from datetime import date, datetime

from msgspec import field

from entrypoints.storefront.answers import Answer


class MoneyOfDay(Answer, frozen=True):
    """What came in and what went back on one day, in minor units."""

    day: date
    currency: str
    came: int = field(name="in")
    went: int = field(name="out")


class SpotsOfProgram(Answer, frozen=True):
    """`limit` and `free` are None without a limit; `over` is above a lowered one."""

    program_id: str
    title: str
    held: int
    paid: int
    limit: int | None = None
    free: int | None = None
    over: int = 0


class MoneyOpen(Answer, frozen=True):
    count: int
    oldest_seconds: float | None = None


class Webhooks(Answer, frozen=True):
    last_event_at: datetime | None = None
    lag_seconds: float | None = None


class MailStand(Answer, frozen=True):
    waiting: int
    dead: int
    oldest_seconds: float | None = None


class LockStand(Answer, frozen=True):
    active: int
    waiting: int
    p95_wait_ms: float
    health: str


class Verdict(Answer, frozen=True):
    ok: bool
    worst: str | None = None
    next_step: str | None = None


class StatsAnswer(Answer, frozen=True):
    purchases_by_status: dict[str, int]
    money_by_day: list[MoneyOfDay]
    programs: list[SpotsOfProgram]
    money_without_outcome: MoneyOpen
    webhooks: Webhooks
    mail: MailStand
    locks: LockStand
    findings: dict[str, int]
    verdict: Verdict
