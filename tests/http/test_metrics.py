"""Figures are for the scrape token and for this machine, and count what happens."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.prometheus.metrics import PrometheusMetrics
from application.ports.payment_events import EventKind
from application.ports.storage import StorageUnavailable
from entrypoints.http.jobs import Job, JobRunner
from tests.http.people import ADA, ROOT
from tests.http.service import CREATE, WEBHOOK, Http, Service, refused, settings

METRICS = "/api/system/metrics"
TOKEN = "a-token-that-only-prometheus-has"
REFUSED = (401, "authentication_required", "Authentication required.")


def guarded(token: str | None = TOKEN, *, address: str = "203.0.113.9") -> Http:
    return Http(Service(settings=settings(metrics_token=token)).app, address=address)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_the_token_opens_the_figures() -> None:
    response = await guarded().get(METRICS, headers=bearer(TOKEN))

    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("token", ["wrong", TOKEN[:-1], TOKEN + "x", ROOT.token, ""])
async def test_any_other_token_does_not(token: str) -> None:
    assert refused(await guarded().get(METRICS, headers=bearer(token))) == REFUSED


@pytest.mark.parametrize("configured", [None, ""])
async def test_without_a_token_only_this_machine_is_answered(
    configured: str | None,
) -> None:
    far, near = guarded(configured), guarded(configured, address="127.0.0.1")

    assert refused(await far.get(METRICS)) == REFUSED
    assert refused(await far.get(METRICS, headers=bearer("None"))) == REFUSED
    assert (await near.get(METRICS)).status_code == 200


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Forwarded-Host"])
async def test_what_a_proxy_on_this_machine_passes_on_needs_the_token(
    header: str,
) -> None:
    near = guarded(address="127.0.0.1")

    assert refused(await near.get(METRICS, headers={header: "127.0.0.1"})) == REFUSED


async def test_a_trusted_proxy_does_not_make_everybody_local() -> None:
    service = Service(settings=settings(trusted_proxies="127.0.0.1"))
    http = Http(service.app, address="127.0.0.1")
    forwarded = {"X-Forwarded-For": "203.0.113.9"}

    assert refused(await http.get(METRICS, headers=forwarded)) == REFUSED


async def test_events_are_counted_by_kind_and_outcome(
    http: Http, service: Service
) -> None:
    """Hazards 54 and 58: what is not for us is answered with 200, and counted."""
    begun = await http.buy(ADA)
    paid = service.pay(begun["sessionId"])
    completed, other = EventKind.SESSION_COMPLETED, EventKind.OTHER
    await http.deliver(service.event(begun["sessionId"], kind=completed))
    await http.deliver(service.event(begun["sessionId"], kind=other))
    service.payments.plant(replace(paid, app="another"))
    await http.deliver(service.event(begun["sessionId"], kind=completed))

    assert service.metrics.events == {
        ("checkout.session.completed", "applied"): 1,
        ("other", "ignored"): 1,
        ("checkout.session.completed", "foreign"): 1,
    }


async def test_an_event_that_was_not_taken_is_counted_too(
    http: Http, service: Service
) -> None:
    begun = await http.buy(ADA)
    service.pay(begun["sessionId"])

    async def fails(moment: str) -> None:
        if moment.startswith("before purchases."):
            raise StorageUnavailable

    service.storage.gate = fails
    body = service.event(begun["sessionId"], kind=EventKind.SESSION_COMPLETED)
    assert (await http.deliver(body)).status_code == 503

    assert service.metrics.events == {("checkout.session.completed", "failed"): 1}


async def test_a_request_is_timed_under_the_template_of_its_route(
    http: Http, service: Service
) -> None:
    begun = await http.buy(ADA)
    await http.get(f"/api/purchases/{begun['purchaseId']}", by=ADA)
    await http.get("/api/nothing/at/all")

    assert service.metrics.requests == {
        ("POST", CREATE, 200): 1,
        ("GET", "/api/purchases/{purchase_id}", 200): 1,
        ("GET", "(none)", 404): 1,
    }


async def test_a_scrape_shows_locks_and_how_long_ago_jobs_ended_well() -> None:
    over = asyncio.Event()

    async def work() -> None:
        over.set()

    job = Job(name="work", every=timedelta(hours=1), run=work)
    jobs = JobRunner([job], now=lambda: 10.0)
    service = Service(settings=settings(), is_apart=True, jobs=jobs)
    http = Http(service.app, address="127.0.0.1")

    async with jobs, asyncio.timeout(10):
        await over.wait()
        await http.get(METRICS)

    assert service.metrics.locks == service.locks.statistics()
    assert service.metrics.jobs == {"work": timedelta()}


async def test_the_real_figures_come_in_the_form_of_prometheus(
    service: Service,
) -> None:
    metrics = PrometheusMetrics()
    service.use_cases.metrics.override(metrics)
    http = Http(service.app, address="127.0.0.1")
    await http.buy(ADA)
    await http.post(WEBHOOK, content=b"{}")

    text = (await http.get(METRICS)).text

    assert (
        'spothold_http_request_duration_seconds_count{method="POST",'
        'route="/api/purchases/create-checkout-session",status="200"} 1.0'
    ) in text
    assert ADA.id not in text
    assert ADA.email not in text
