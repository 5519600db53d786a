"""For each alert two hours that must wake somebody, and two that must not.

The values are Prometheus's own shorthand: `0+6x120` begins at 0 and grows by 6, 120
times, once a minute.
"""

from dataclasses import dataclass
from typing import Final

HOURS: Final = "x120"
REQUESTS: Final = "spothold_http_request_duration_seconds"
CALLS: Final = "spothold_stripe_call_duration_seconds"
LAG: Final = "spothold_event_loop_lag_seconds"
MONEY: Final = "spothold_money_without_outcome_oldest_seconds"
UP: Final = 'up{job="spothold", instance="one"}'
HOOK: Final = 'route="/api/webhooks/stripe"'


@dataclass(frozen=True, kw_only=True)
class Alarm:
    alert: str
    bad: dict[str, str]
    fine: dict[str, str]


def _level(alert: str, series: str, *, bad: float, fine: float) -> Alarm:
    """A figure that stands at one value."""
    return Alarm(
        alert=alert,
        bad={series: f"{bad}+0{HOURS}"},
        fine={series: f"{fine}+0{HOURS}"},
    )


def _growth(alert: str, series: str, *, bad: float, fine: float) -> Alarm:
    """A counter that grows by so much each minute."""
    return Alarm(
        alert=alert,
        bad={series: f"0+{bad}{HOURS}"},
        fine={series: f"0+{fine}{HOURS}"},
    )


def _share(alert: str, name: str, bad: str, fine: str, *, of: str) -> Alarm:
    """Counters of which one is too large a share of all, and then is not."""
    failed, well = f"{name}_count{{{of}}}", f"{name}_count{{{fine}}}"
    return Alarm(
        alert=alert,
        bad={failed: f"0+{bad}{HOURS}", well: f"0+6{HOURS}"},
        fine={failed: f"0+0.01{HOURS}", well: f"0+6{HOURS}"},
    )


def _slow(alert: str, name: str, *, limit: str) -> Alarm:
    """A histogram whose observations are all above the limit, and then all below."""
    within, beyond = f'{name}_bucket{{le="{limit}"}}', f'{name}_bucket{{le="20"}}'
    ends = f'{name}_bucket{{le="+Inf"}}'
    return Alarm(
        alert=alert,
        bad={within: f"0+0{HOURS}", beyond: f"0+60{HOURS}", ends: f"0+60{HOURS}"},
        fine={within: f"0+60{HOURS}", beyond: f"0+60{HOURS}", ends: f"0+60{HOURS}"},
    )


ALARMS: Final = (
    Alarm(alert="SpotholdDown", bad={UP: f"0{HOURS}"}, fine={UP: f"1{HOURS}"}),
    Alarm(alert="SpotholdInstanceDown", bad={UP: f"0{HOURS}"}, fine={UP: f"1{HOURS}"}),
    _growth(
        "SpotholdRestarting",
        'process_start_time_seconds{job="spothold"}',
        bad=120,
        fine=0,
    ),
    _share("SpotholdErrors", REQUESTS, "1", 'status="200"', of='status="503"'),
    _slow("SpotholdSlow", REQUESTS, limit="5"),
    _growth(
        "SpotholdOverloaded",
        'spothold_shed_total{line="requests", rank="look"}',
        bad=12,
        fine=3,
    ),
    _slow("SpotholdLoopBlocked", LAG, limit="0.5"),
    _level(
        "SpotholdMemory",
        'process_resident_memory_bytes{job="spothold"}',
        bad=450e6,
        fine=200e6,
    ),
    Alarm(
        alert="SpotholdFilesRunOut",
        bad={
            'process_open_fds{job="spothold"}': f"900+0{HOURS}",
            'process_max_fds{job="spothold"}': f"1000+0{HOURS}",
        },
        fine={
            'process_open_fds{job="spothold"}': f"500+0{HOURS}",
            'process_max_fds{job="spothold"}': f"1000+0{HOURS}",
        },
    ),
    Alarm(
        alert="SpotholdJobSilent",
        bad={
            'spothold_job_success_age_seconds{task="watch"}': f"0+60{HOURS}",
            'spothold_job_interval_seconds{task="watch"}': f"60+0{HOURS}",
        },
        fine={
            'spothold_job_success_age_seconds{task="ledger"}': f"3600+0{HOURS}",
            'spothold_job_interval_seconds{task="ledger"}': f"3600+0{HOURS}",
            # A round of a job with short turns may take minutes.
            'spothold_job_success_age_seconds{task="drive"}': f"240+0{HOURS}",
            'spothold_job_interval_seconds{task="drive"}': f"15+0{HOURS}",
        },
    ),
    _level("SpotholdLocksCrowded", "spothold_locks_held", bad=11, fine=10),
    _growth("SpotholdLocksTimedOut", "spothold_locks_timed_out_total", bad=3, fine=0.5),
    _level(
        "SpotholdMoneyOverdue", f'{MONEY}{{waits_for="refund_due"}}', bad=4000, fine=900
    ),
    _level(
        "SpotholdMoneySlow",
        f'{MONEY}{{waits_for="refund_sent"}}',
        bad=900_000,
        fine=80_000,
    ),
    _level(
        "SpotholdFindingCritical",
        'spothold_findings_open{severity="critical"}',
        bad=1,
        fine=0,
    ),
    _level(
        "SpotholdFindingStays",
        'spothold_findings_open_oldest_seconds{severity="warning"}',
        bad=8000,
        fine=900,
    ),
    _share(
        "SpotholdStripeFailing",
        CALLS,
        "3",
        'outcome="session_not_open"',
        of='outcome="payment_gateway_unavailable"',
    ),
    _growth(
        "SpotholdStripeThrottled", "spothold_stripe_throttled_total", bad=4, fine=1
    ),
    _slow("SpotholdStripeSlow", CALLS, limit="2.5"),
    Alarm(
        alert="SpotholdWebhooksRefused",
        bad={f'{REQUESTS}_count{{{HOOK}, status="400"}}': f"0+1{HOURS}"},
        fine={
            f'{REQUESTS}_count{{{HOOK}, status="400"}}': f"0+1{HOURS}",
            f'{REQUESTS}_count{{{HOOK}, status="200"}}': f"0+1{HOURS}",
        },
    ),
    _growth(
        "SpotholdWebhooksFailing",
        'spothold_events_total{outcome="failed"}',
        bad=1,
        fine=0.1,
    ),
    _level(
        "SpotholdEventsHeld", "spothold_events_held_oldest_seconds", bad=4000, fine=900
    ),
    _level(
        "SpotholdMailWaiting", "spothold_mail_waiting_oldest_seconds", bad=1000, fine=60
    ),
    _level("SpotholdMailDead", "spothold_mail_dead", bad=1, fine=0),
)
