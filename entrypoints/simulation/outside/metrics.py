from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from application.ports.locks import LockStatistics
from application.ports.metrics import Exposition, Standing


@dataclass(kw_only=True)
class RecordingMetrics:
    """Remembers the figures that would have been scraped."""

    events: Counter[tuple[str, str]] = field(default_factory=Counter)
    requests: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    lags: list[timedelta] = field(default_factory=list)
    tasks: int = 0
    throttles: int = 0
    pace: float | None = None
    shed: Counter[tuple[str, str]] = field(default_factory=Counter)
    waits: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    waiting: dict[tuple[str, str], int] = field(default_factory=dict)
    event_lags: list[timedelta] = field(default_factory=list)
    last_event_age: timedelta | None = None
    findings: dict[str, Standing] = field(default_factory=dict)
    jobs: dict[str, timedelta] = field(default_factory=dict)
    locks: LockStatistics | None = None
    held_events: Standing | None = None
    mail: tuple[Standing, int] | None = None
    money: dict[str, Standing] = field(default_factory=dict)

    def count_event(self, *, kind: str, outcome: str) -> None:
        self.events[kind, outcome] += 1

    def time_event(self, lag: timedelta) -> None:
        self.event_lags.append(lag)

    def show_hearing(self, age: timedelta) -> None:
        self.last_event_age = age

    def time_request(
        self, *, method: str, route: str, status: int, took: timedelta
    ) -> None:
        self.requests[method, route, status] += 1

    def time_call(self, *, call: str, outcome: str, took: timedelta) -> None:
        self.calls[call, outcome] += 1

    def time_lag(self, lag: timedelta) -> None:
        self.lags.append(lag)

    def show_tasks(self, tasks: int) -> None:
        self.tasks = tasks

    def time_wait(self, *, line: str, rank: str, outcome: str, took: timedelta) -> None:
        self.waits[line, rank, outcome] += 1

    def count_shed(self, *, line: str, rank: str) -> None:
        self.shed[line, rank] += 1

    def show_waiting(self, count: int, *, line: str, rank: str) -> None:
        self.waiting[line, rank] = count

    def count_throttle(self) -> None:
        self.throttles += 1

    def show_pace(self, per_second: float) -> None:
        self.pace = per_second

    def show_findings(self, standings: Mapping[str, Standing]) -> None:
        self.findings.update(standings)

    def show_jobs(
        self,
        since_success: Mapping[str, timedelta],
        *,
        every: Mapping[str, timedelta],
    ) -> None:
        self.jobs.update(since_success)

    def show_locks(self, statistics: LockStatistics) -> None:
        self.locks = statistics

    def show_events(self, held: Standing) -> None:
        self.held_events = held

    def show_mail(self, waiting: Standing, *, dead: int) -> None:
        self.mail = (waiting, dead)

    def show_money(self, standings: Mapping[str, Standing]) -> None:
        self.money.update(standings)

    def exposition(self) -> Exposition:
        return Exposition(body=b"# recorded\n", content_type="text/plain")
