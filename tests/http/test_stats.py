"""How everything stands, as an admin sees it first."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from application.ports.hearing import Heard
from application.ports.payment_events import EventKind
from domain.findings import Finding, FindingKind
from domain.refunds import Refund, RefundState
from entrypoints.simulation.outside.clock import NOON
from tests.contracts.examples import usd
from tests.http.people import ADA, GRACE, ROOT
from tests.http.service import Http, Service, refused
from tests.http.shopping import bought

HERE = "/api/admin/purchases/stats"
TODAY = f"{NOON:%Y-%m-%d}"


async def stats(http: Http, **asked: Any) -> Any:
    response = await http.get(HERE, by=ROOT, params=asked)
    assert response.status_code == 200, response.text
    return response.json()["data"]


async def test_of_an_empty_shop_all_is_well(http: Http) -> None:
    assert await stats(http) == {
        "purchasesByStatus": {
            "pending": 0,
            "failed": 0,
            "completed": 0,
            "refund_processing": 0,
            "refunded": 0,
            "refund_failed": 0,
        },
        "moneyByDay": [],
        "programs": [
            {
                "programId": "choir",
                "title": "The choir",
                "limit": 2,
                "held": 0,
                "paid": 0,
                "free": 2,
                "over": 0,
            }
        ],
        "moneyWithoutOutcome": {"count": 0, "oldestSeconds": 0},
        "webhooks": {"lastEventAt": None, "lagSeconds": None},
        "mail": {"waiting": 0, "dead": 0, "oldestSeconds": 0},
        "locks": {"active": 0, "waiting": 0, "p95WaitMs": 0, "health": "healthy"},
        "findings": {"notice": 0, "warning": 0, "critical": 0},
        "verdict": {"ok": True, "worst": None, "nextStep": None},
    }


async def test_a_purchase_and_its_refund_are_seen(http: Http, service: Service) -> None:
    done = await bought(http, service, rep=True)
    begun = await http.buy(GRACE, rep=True)
    why = {"reason": "a call", "amount": 2_500}
    await http.post(f"/api/admin/purchases/{done['id']}/refund", by=ROOT, json=why)
    body = service.event(begun["sessionId"], kind=EventKind.SESSION_EXPIRED)
    service.clock.advance(timedelta(seconds=90))
    await http.deliver(body)

    seen = await stats(http)

    assert seen["moneyByDay"] == [
        {"day": TODAY, "currency": "usd", "in": 8_000, "out": 2_500}
    ]
    [choir] = seen["programs"]
    assert (choir["paid"], choir["held"] + choir["free"]) == (1, 1)
    assert seen["purchasesByStatus"]["completed"] == 1
    assert seen["webhooks"]["lagSeconds"] == 90
    assert seen["mail"]["waiting"] == 3
    assert seen["verdict"]["ok"]


async def test_each_number_is_that_of_its_list(http: Http, service: Service) -> None:
    done = await bought(http, service)
    await http.buy(GRACE)
    failed = Refund(id="r", amount=usd(5), reason="x", by="x", state=RefundState.FAILED)
    service.store.put(replace(service.purchase(done["id"]), refunds=(failed,)))

    for status, number in (await stats(http))["purchasesByStatus"].items():
        listed = await http.get(
            "/api/admin/purchases", by=ROOT, params={"status": status}
        )
        assert listed.json()["data"]["total"] == number
        assert number == (status in {"pending", "refund_failed"})


async def test_the_worst_trouble_is_named(http: Http, service: Service) -> None:
    done = await bought(http, service)
    row = service.purchase(done["id"])
    assert row.confirmation is not None
    due = Refund(id="r", amount=usd(5), reason="x", by="x")
    service.store.put(
        replace(
            row,
            confirmation=row.confirmation.given_up(),
            refunds=(due,),
            unsettled_since=NOON - timedelta(hours=24),
        )
    )

    overdue = await stats(http, days=1)
    await service.findings.note(
        Finding.of(FindingKind.LEDGER_DIFFERENCE, "a day"), at=NOON
    )
    found = await stats(http, days=2)

    assert overdue["verdict"]["worst"] == "money_without_outcome"
    assert overdue["moneyWithoutOutcome"] == {"count": 1, "oldestSeconds": 86_400}
    assert overdue["mail"]["dead"] == 1
    assert found["verdict"]["worst"] == "ledger_difference"
    assert found["findings"]["critical"] == 1


async def test_webhooks_that_come_late_are_named(http: Http, service: Service) -> None:
    service.hearing.note(Heard(at=NOON, created_at=NOON - timedelta(minutes=5)))

    assert (await stats(http))["verdict"]["worst"] == "webhooks_late"


async def test_webhooks_are_silent_until_one_comes(
    http: Http, service: Service
) -> None:
    service.hearing.note(Heard(at=NOON, created_at=NOON))
    service.clock.advance(timedelta(hours=1))
    now = service.clock.now()
    tell_silence = service.use_cases.tell_silence()
    await tell_silence([NOON + timedelta(minutes=1)], now=now)

    silent = await stats(http, days=1)
    service.hearing.note(Heard(at=now, created_at=now))
    heard = await stats(http, days=2)

    assert silent["verdict"]["worst"] == "webhooks_silent"
    assert heard["verdict"]["ok"]


async def test_for_a_few_seconds_it_is_not_looked_up_again(
    http: Http, service: Service
) -> None:
    before = await stats(http)
    await bought(http, service)

    again = await stats(http)
    service.clock.advance(timedelta(seconds=3))
    after = await stats(http)

    assert again == before
    assert after["purchasesByStatus"]["completed"] == 1


@pytest.mark.parametrize("days", ["0", "91", "x"])
async def test_days_are_bounded(http: Http, days: str) -> None:
    response = await http.get(HERE, by=ROOT, params={"days": days})

    assert refused(response)[:2] == (400, "invalid_request")


async def test_a_buyer_sees_none_of_it(http: Http) -> None:
    assert refused(await http.get(HERE, by=ADA))[:2] == (403, "access_denied")
