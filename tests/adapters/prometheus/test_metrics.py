from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from adapters.prometheus.metrics import PrometheusMetrics
from application.ports.locks import LockStatistics, Spread
from application.ports.metrics import Standing

MINUTE = timedelta(minutes=1)
BUSY = LockStatistics(
    active=2,
    waiting=3,
    acquired=50,
    contended=7,
    timed_out=1,
    wait_times=Spread(p95=timedelta(seconds=0.5)),
    hold_times=Spread(p95=timedelta(seconds=2)),
    held=(),
)


def shown(metrics: PrometheusMetrics) -> dict[str, float]:
    """Return each sample by its name and labels, as a scraper would."""
    text = metrics.exposition().body.decode()
    return {
        sample.name + "".join(f" {value}" for value in sample.labels.values()): (
            sample.value
        )
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_events_add_up() -> None:
    metrics = PrometheusMetrics()
    for _ in range(3):
        metrics.count_event(kind="refund.created", outcome="applied")
    metrics.count_event(kind="other", outcome="ignored")

    samples = shown(metrics)
    assert samples["spothold_events_total refund.created applied"] == 3
    assert samples["spothold_events_total other ignored"] == 1


def test_requests_are_timed_in_buckets() -> None:
    metrics = PrometheusMetrics()
    for seconds in (0.004, 0.2, 30):
        took = timedelta(seconds=seconds)
        metrics.time_request(method="GET", route="/a", status=200, took=took)

    samples = shown(metrics)
    name = "spothold_http_request_duration_seconds"
    assert samples[f"{name}_count GET /a 200"] == 3
    assert samples[f"{name}_sum GET /a 200"] == pytest.approx(30.204)
    assert samples[f"{name}_bucket 0.005 GET /a 200"] == 1
    assert samples[f"{name}_bucket 20.0 GET /a 200"] == 2


def test_calls_are_timed_by_their_end() -> None:
    metrics = PrometheusMetrics()
    for seconds, outcome in ((0.2, "ok"), (0.3, "ok"), (8, "payment_unavailable")):
        took = timedelta(seconds=seconds)
        metrics.time_call(call="get_session", outcome=outcome, took=took)

    samples = shown(metrics)
    name = "spothold_stripe_call_duration_seconds"
    assert samples[f"{name}_count get_session ok"] == 2
    assert samples[f"{name}_sum get_session payment_unavailable"] == 8


def test_a_method_that_a_caller_made_up_is_no_series_of_its_own() -> None:
    metrics = PrometheusMetrics()
    for n in range(50):
        metrics.time_request(method=f"M{n}", route="(none)", status=405, took=MINUTE)

    counts = {
        name: value
        for name, value in shown(metrics).items()
        if name.startswith("spothold_http_request_duration_seconds_count")
    }
    assert counts == {
        "spothold_http_request_duration_seconds_count other (none) 405": 50
    }


def test_what_is_shown_replaces_what_was_shown() -> None:
    metrics = PrometheusMetrics()
    metrics.show_money({"extra_due": Standing(count=4, oldest=MINUTE)})
    metrics.show_money({"extra_due": Standing()})
    metrics.show_mail(Standing(count=2, oldest=MINUTE), dead=9)
    metrics.show_mail(Standing(count=1, oldest=2 * MINUTE), dead=1)
    metrics.show_findings({"critical": Standing(count=3, oldest=MINUTE)})
    metrics.show_events(Standing(count=3, oldest=MINUTE))
    metrics.show_jobs({"drive": MINUTE}, every={"drive": 3 * MINUTE})
    metrics.show_jobs({"drive": 2 * MINUTE}, every={"drive": 3 * MINUTE})

    samples = shown(metrics)
    assert samples["spothold_money_without_outcome extra_due"] == 0
    assert samples["spothold_money_without_outcome_oldest_seconds extra_due"] == 0
    assert samples["spothold_mail_waiting"] == 1
    assert samples["spothold_mail_waiting_oldest_seconds"] == 120
    assert samples["spothold_mail_dead"] == 1
    assert samples["spothold_findings_open critical"] == 3
    assert samples["spothold_findings_open_oldest_seconds critical"] == 60
    assert samples["spothold_events_held"] == 3
    assert samples["spothold_events_held_oldest_seconds"] == 60
    assert samples["spothold_job_success_age_seconds drive"] == 120
    assert samples["spothold_job_interval_seconds drive"] == 180


def test_the_loops_lag_is_a_distribution_and_a_last_value() -> None:
    metrics = PrometheusMetrics()
    for seconds in (3, 0.02):
        metrics.time_lag(timedelta(seconds=seconds))

    samples = shown(metrics)
    assert samples["spothold_event_loop_lag_seconds_count"] == 2
    assert samples["spothold_event_loop_lag_seconds_bucket 2.0"] == 1
    assert samples["spothold_event_loop_lag_last_seconds"] == 0.02


def test_tasks_are_those_of_now() -> None:
    metrics = PrometheusMetrics()
    for tasks in (40, 21):
        metrics.show_tasks(tasks)

    assert shown(metrics)["spothold_event_loop_tasks"] == 21


def test_locks_show_what_they_counted_themselves() -> None:
    metrics = PrometheusMetrics()
    assert not any("locks" in name for name in shown(metrics))
    metrics.show_locks(BUSY)

    samples = shown(metrics)
    assert samples["spothold_locks_held"] == 2
    assert samples["spothold_locks_waiting"] == 3
    assert samples["spothold_locks_wait_p95_seconds"] == 0.5
    assert samples["spothold_locks_hold_p95_seconds"] == 2
    assert samples["spothold_locks_acquired_total"] == 50
    assert samples["spothold_locks_contended_total"] == 7
    assert samples["spothold_locks_timed_out_total"] == 1


def test_two_apps_in_one_process_count_apart() -> None:
    one, other = PrometheusMetrics(), PrometheusMetrics()
    one.count_event(kind="other", outcome="ignored")

    assert "spothold_events_total other ignored" not in shown(other)
