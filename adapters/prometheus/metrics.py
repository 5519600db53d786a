from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from application.ports.locks import LockStatistics
from application.ports.metrics import Exposition, Standing

SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20)
LAG_SECONDS: Final = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10)
# A caller may invent methods, and each would be a series for ever.
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER: Final = "other"
DELIVERY_SECONDS: Final = (0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600, 14400, 86400)


class PrometheusMetrics:
    """Keeps the figures of one app in a registry of its own.

    Each label has few values, none of which a caller chooses or a person could be known
    by.
    """

    def __init__(self) -> None:
        registry = CollectorRegistry()
        self._registry = registry
        self._events = Counter(
            "spothold_events",
            "Deliveries of Stripe's events, by what became of them.",
            ["kind", "outcome"],
            registry=registry,
        )
        self._delivery = Histogram(
            "spothold_event_delivery_lag_seconds",
            "How long events were on their way from Stripe to us.",
            buckets=DELIVERY_SECONDS,
            registry=registry,
        )
        self._last_event = Gauge(
            "spothold_event_last_age_seconds",
            "How long ago an event last reached any instance.",
            registry=registry,
        )
        self._requests = Histogram(
            "spothold_http_request_duration_seconds",
            "Requests by route and status, and how long they took.",
            ["method", "route", "status"],
            buckets=SECONDS,
            registry=registry,
        )
        self._calls = Histogram(
            "spothold_stripe_call_duration_seconds",
            "Calls of Stripe by name and outcome, and how long they took.",
            ["call", "outcome"],
            buckets=SECONDS,
            registry=registry,
        )
        self._lag = Histogram(
            "spothold_event_loop_lag_seconds",
            "How late the event loop was with what was due.",
            buckets=LAG_SECONDS,
            registry=registry,
        )
        self._lag_now = Gauge(
            "spothold_event_loop_lag_last_seconds",
            "How late it was when last measured.",
            registry=registry,
        )
        self._tasks = Gauge(
            "spothold_event_loop_tasks",
            "Tasks of the event loop.",
            registry=registry,
        )
        self._waits = Histogram(
            "spothold_wait_duration_seconds",
            "How long requests, or calls of Stripe, stood in line, by how it ended.",
            ["line", "rank", "outcome"],
            buckets=SECONDS,
            registry=registry,
        )
        self._shed = Counter(
            "spothold_shed",
            "Requests, or calls of Stripe, that were sent away.",
            ["line", "rank"],
            registry=registry,
        )
        self._waiting = Gauge(
            "spothold_waiting",
            "How many requests, or calls of Stripe, stand in line.",
            ["line", "rank"],
            registry=registry,
        )
        self._throttled = Counter(
            "spothold_stripe_throttled",
            "Answers of Stripe that we ask too fast.",
            registry=registry,
        )
        self._pace = Gauge(
            "spothold_stripe_pace",
            "How many requests a second we send to Stripe at most.",
            registry=registry,
        )
        self._findings = _StandingGauges(
            "spothold_findings_open",
            "Differences that are open",
            registry,
            label="severity",
        )
        self._jobs = Gauge(
            "spothold_job_success_age_seconds",
            "How long ago each job last ended well.",
            ["task"],  # Prometheus calls what it scrapes a job
            registry=registry,
        )
        self._intervals = Gauge(
            "spothold_job_interval_seconds",
            "How often each job should end well.",
            ["task"],
            registry=registry,
        )
        self._held_events = _StandingGauges(
            "spothold_events_held", "Events that could not be applied", registry
        )
        self._mail = _StandingGauges("spothold_mail_waiting", "Mails to send", registry)
        self._dead_mail = Gauge(
            "spothold_mail_dead",
            "Mails that were given up and wait for a human.",
            registry=registry,
        )
        self._money = _StandingGauges(
            "spothold_money_without_outcome",
            "Money that is neither kept nor given back yet",
            registry,
            label="waits_for",
        )
        self._locks = _LockCollector()
        registry.register(self._locks)
        ProcessCollector(registry=registry)

    def count_event(self, *, kind: str, outcome: str) -> None:
        self._events.labels(kind, outcome).inc()

    def time_event(self, lag: timedelta) -> None:
        self._delivery.observe(lag.total_seconds())

    def show_hearing(self, age: timedelta) -> None:
        self._last_event.set(age.total_seconds())

    def time_request(
        self, *, method: str, route: str, status: int, took: timedelta
    ) -> None:
        known = method if method in METHODS else OTHER
        series = self._requests.labels(known, route, str(status))
        series.observe(took.total_seconds())

    def time_call(self, *, call: str, outcome: str, took: timedelta) -> None:
        self._calls.labels(call, outcome).observe(took.total_seconds())

    def time_lag(self, lag: timedelta) -> None:
        self._lag.observe(lag.total_seconds())
        self._lag_now.set(lag.total_seconds())

    def show_tasks(self, tasks: int) -> None:
        self._tasks.set(tasks)

    def time_wait(self, *, line: str, rank: str, outcome: str, took: timedelta) -> None:
        self._waits.labels(line, rank, outcome).observe(took.total_seconds())

    def count_shed(self, *, line: str, rank: str) -> None:
        self._shed.labels(line, rank).inc()

    def show_waiting(self, count: int, *, line: str, rank: str) -> None:
        self._waiting.labels(line, rank).set(count)

    def count_throttle(self) -> None:
        self._throttled.inc()

    def show_pace(self, per_second: float) -> None:
        self._pace.set(per_second)

    def show_findings(self, standings: Mapping[str, Standing]) -> None:
        for severity, standing in standings.items():
            self._findings.show(standing, severity)

    def show_jobs(
        self,
        since_success: Mapping[str, timedelta],
        *,
        every: Mapping[str, timedelta],
    ) -> None:
        for job, age in since_success.items():
            self._jobs.labels(job).set(age.total_seconds())
        for job, interval in every.items():
            self._intervals.labels(job).set(interval.total_seconds())

    def show_locks(self, statistics: LockStatistics) -> None:
        self._locks.seen = statistics

    def show_events(self, held: Standing) -> None:
        self._held_events.show(held)

    def show_mail(self, waiting: Standing, *, dead: int) -> None:
        self._mail.show(waiting)
        self._dead_mail.set(dead)

    def show_money(self, standings: Mapping[str, Standing]) -> None:
        for kind, standing in standings.items():
            self._money.show(standing, kind)

    def exposition(self) -> Exposition:
        return Exposition(
            body=generate_latest(self._registry), content_type=CONTENT_TYPE_LATEST
        )


class _StandingGauges:
    """Two figures for each standing: how many, and the age of the oldest."""

    def __init__(
        self,
        name: str,
        says: str,
        registry: CollectorRegistry,
        *,
        label: str | None = None,
    ) -> None:
        labels = [label] if label else []
        self._count = Gauge(name, f"{says}: how many.", labels, registry=registry)
        self._oldest = Gauge(
            f"{name}_oldest_seconds",
            f"{says}: how old the oldest is.",
            labels,
            registry=registry,
        )

    def show(self, standing: Standing, *labels: str) -> None:
        count, oldest = self._count, self._oldest
        if labels:
            count, oldest = count.labels(*labels), oldest.labels(*labels)
        count.set(standing.count)
        oldest.set(standing.oldest.total_seconds())


class _LockCollector:
    """Shows what the lock counts itself, as it was shown last."""

    seen: LockStatistics | None = None

    def collect(self) -> Iterator[Metric]:
        if self.seen is None:
            return
        yield from _lock_gauges(self.seen)
        yield from _lock_counters(self.seen)


def _lock_gauges(seen: LockStatistics) -> Iterator[Metric]:
    gauges = {
        "held": ("Locks that are held.", seen.active),
        "waiting": ("Callers that wait for a lock.", seen.waiting),
        "wait_p95_seconds": (
            "How long 95 of 100 callers waited for a lock at most, lately.",
            seen.wait_times.p95.total_seconds(),
        ),
        "hold_p95_seconds": (
            "How long 95 of 100 locks were held at most, lately.",
            seen.hold_times.p95.total_seconds(),
        ),
    }
    for name, (says, value) in gauges.items():
        yield GaugeMetricFamily(f"spothold_locks_{name}", says, value=value)


def _lock_counters(seen: LockStatistics) -> Iterator[Metric]:
    counters = {
        "acquired": ("Locks that were taken.", seen.acquired),
        "contended": ("Locks that somebody had to wait for.", seen.contended),
        "timed_out": ("Callers that waited in vain.", seen.timed_out),
    }
    for name, (says, value) in counters.items():
        yield CounterMetricFamily(f"spothold_locks_{name}", says, value=value)
