"""Alert rules and the dashboard speak of metrics that exist, and do as they say."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.deploy.alarms import ALARMS, Alarm
from tests.deploy.rules import (
    METRIC,
    ROOT,
    RULES,
    dashboard,
    panels,
    rules,
    series,
)
from tests.requirements import require_tool

SEVERITIES: Final = {"critical", "warning"}
PROMTOOL: Final = Path(shutil.which("promtool") or "/usr/bin/promtool")


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.name)
def test_a_rule_says_all_that_a_woken_person_needs(rule: Any) -> None:
    assert re.fullmatch(r"Spothold[A-Z]\w+", rule.name)
    assert rule.severity in SEVERITIES
    assert rule.waits, "without `for` one odd scrape would wake somebody"
    assert len(rule.summary.split()) >= 4
    assert (ROOT / rule.runbook).is_file()


def test_no_alert_has_the_name_of_another() -> None:
    names = [rule.name for rule in rules()]
    assert len(set(names)) == len(names)


def test_rules_and_panels_know_only_metrics_that_exist() -> None:
    wanted = {
        name
        for text in (*(rule.expr for rule in rules()), *expressions())
        for name in METRIC.findall(text)
    }
    assert wanted - series() == set()
    assert len(wanted) > 20


def test_each_metric_of_ours_is_on_the_dashboard() -> None:
    shown = " ".join(expressions())
    stems = {re.sub(r"_(bucket|sum|count|total)$", "", name) for name in series()}
    ours = {stem for stem in stems if stem.startswith("spothold_")}
    assert {stem for stem in ours if stem not in shown} == set()


def test_each_panel_says_what_it_shows() -> None:
    numbers = [panel["id"] for panel in dashboard()["panels"]]
    assert len(set(numbers)) == len(numbers)
    for panel in panels():
        assert panel["title"]
        assert panel["description"].endswith(".")
        assert panel["fieldConfig"]["defaults"]["unit"]
        assert panel["datasource"]["uid"] == "${source}", "any Grafana has its own"


def expressions() -> list[str]:
    return [target["expr"] for panel in panels() for target in panel["targets"]]


def test_prometheus_takes_the_rules_and_the_panels(tmp_path: Path) -> None:
    as_rules = tmp_path / "panels.yml"
    asked = [text.replace("$__rate_interval", "5m") for text in expressions()]
    records = [
        {"record": f"panel:{number}", "expr": text} for number, text in enumerate(asked)
    ]
    groups = {"groups": [{"name": "panels", "rules": records}]}
    as_rules.write_text(json.dumps(groups))
    check("rules", str(RULES), str(as_rules))
    check("config", "--syntax-only", str(ROOT / "deploy/prometheus/prometheus.yml"))


def test_every_alert_was_tried() -> None:
    assert {alarm.alert for alarm in ALARMS} == {rule.name for rule in rules()}


def test_alerts_fire_when_they_should_and_only_then(tmp_path: Path) -> None:
    """Prometheus itself plays two hours of each, once bad and once not quite."""
    played = tmp_path / "played.yml"
    cases = [
        _case(alarm, series, fires=fires)
        for alarm in ALARMS
        for series, fires in ((alarm.bad, True), (alarm.fine, False))
    ]
    text = {"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": cases}
    played.write_text(yaml.safe_dump(text))
    prom("test", "rules", str(played))


def _case(alarm: Alarm, values: dict[str, str], *, fires: bool) -> dict[str, Any]:
    name = f'{{alertname="{alarm.alert}"}}'
    asked = f'count by (alertname) (ALERTS{{alertstate="firing", {name[1:]})'
    return {
        "name": f"{alarm.alert} {'fires' if fires else 'is silent'}",
        "interval": "1m",
        "input_series": [{"series": s, "values": v} for s, v in values.items()],
        "promql_expr_test": [
            {
                "expr": asked,
                "eval_time": "2h",
                "exp_samples": [{"labels": name, "value": 1}] if fires else [],
            }
        ],
    }


def check(*what: str) -> None:
    prom("check", *what)


def prom(*arguments: str) -> None:
    tool = require_tool(PROMTOOL, fetch="apt-get install prometheus")
    ended = subprocess.run(  # noqa: S603 -- our own arguments
        [tool, *arguments], check=False, capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
