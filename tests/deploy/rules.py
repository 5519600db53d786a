"""The alert rules, the dashboard and the metrics, as data."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml
from prometheus_client.parser import text_string_to_metric_families

from adapters.prometheus.metrics import PrometheusMetrics
from application.ports.locks import LockStatistics, Spread
from application.ports.metrics import Standing

ROOT: Final = Path(__file__).parents[2]
RULES: Final = ROOT / "deploy/prometheus/alerts.yml"
DASHBOARD: Final = ROOT / "deploy/grafana/spothold.json"
RUNBOOKS: Final = ROOT / "docs/runbooks"

# What Prometheus makes of each scrape by itself.
OF_PROMETHEUS: Final = frozenset({"up"})
METRIC: Final = re.compile(r"\b(?:spothold|process)_\w+|\bup\b")
SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True)
class Rule:
    name: str
    expr: str
    waits: str | None
    severity: str | None
    summary: str | None
    runbook: str | None


@cache
def rules() -> tuple[Rule, ...]:
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return tuple(_rule(each) for group in groups for each in group["rules"])


def _rule(row: Mapping[str, Any]) -> Rule:
    said = row.get("annotations", {})
    return Rule(
        name=row["alert"],
        expr=row["expr"],
        waits=row.get("for"),
        severity=row.get("labels", {}).get("severity"),
        summary=said.get("summary"),
        runbook=said.get("runbook_url"),
    )


def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(DASHBOARD.read_text())
    return found


def panels() -> Iterator[dict[str, Any]]:
    """Every panel that shows something."""
    return (each for each in dashboard()["panels"] if each["type"] != "row")


@dataclass(frozen=True, kw_only=True)
class Metric:
    name: str
    kind: str
    labels: frozenset[str]


@cache
def metrics() -> dict[str, Metric]:
    """Every metric that a scrape may show, by the name of its family."""
    full = _filled().exposition().body.decode()
    return {
        family.name: Metric(
            name=family.name,
            kind=family.type,
            labels=frozenset(
                label
                for sample in family.samples
                for label in sample.labels
                if label != "le"
            ),
        )
        for family in text_string_to_metric_families(full)
        if not family.name.endswith("_created")
    }


def series() -> frozenset[str]:
    """Every name that an expression may use."""
    ends = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}
    return OF_PROMETHEUS | {
        f"{each.name}{end}"
        for each in metrics().values()
        for end in ends.get(each.kind, ("",))
    }


def _filled() -> PrometheusMetrics:
    """Figures of every kind."""
    filled, one = PrometheusMetrics(), Standing(count=1, oldest=SECOND)
    filled.count_event(kind="other", outcome="ignored")
    filled.time_request(method="GET", route="/", status=200, took=SECOND)
    filled.time_call(call="get_session", outcome="ok", took=SECOND)
    filled.time_lag(SECOND)
    filled.show_tasks(1)
    filled.time_wait(line="requests", rank="look", outcome="served", took=SECOND)
    filled.count_shed(line="requests", rank="look")
    filled.show_waiting(1, line="requests", rank="look")
    filled.count_throttle()
    filled.show_pace(20)
    filled.show_findings({"critical": one})
    filled.show_jobs({"watch": SECOND}, every={"watch": SECOND})
    filled.show_events(one)
    filled.show_mail(one, dead=1)
    filled.show_money({"refund_due": one})
    filled.show_locks(
        LockStatistics(
            active=1,
            waiting=1,
            acquired=1,
            contended=1,
            timed_out=1,
            wait_times=Spread(p95=SECOND),
            hold_times=Spread(p95=SECOND),
            held=(),
        )
    )
    return filled
