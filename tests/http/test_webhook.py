from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import timedelta

import pytest

from application.ports.locks import DEFAULT_WAIT, LockStatistics, LockTimeout
from application.ports.payment_events import EventKind
from application.ports.storage import StorageUnavailable
from domain.ids import PurchaseId
from tests.fakes.locks import IDLE
from tests.http.people import ADA
from tests.http.service import WEBHOOK, Http, Service, event_json, refused, sign

REFUSED = (400, "invalid_signature", "The webhook was refused.")


async def test_a_payment_is_durable_before_stripe_is_answered(
    http: Http, service: Service
) -> None:
    begun = await http.buy(ADA)
    service.pay(begun["sessionId"])

    body = service.event(begun["sessionId"], kind=EventKind.SESSION_COMPLETED)
    response = await http.deliver(body)

    assert response.status_code == 200
    assert response.json() == {
        "success": True,
        "data": {"received": True, "outcome": "applied"},
    }
    assert service.purchase(begun["purchaseId"]).is_owned


async def test_a_replay_changes_nothing(http: Http, service: Service) -> None:
    begun = await http.buy(ADA)
    service.pay(begun["sessionId"])
    body = service.event(begun["sessionId"], kind=EventKind.SESSION_COMPLETED)
    await http.deliver(body)
    before = service.purchase(begun["purchaseId"])

    response = await http.deliver(body)

    assert response.status_code == 200
    assert service.purchase(begun["purchaseId"]) == before


async def test_an_expired_session_closes_its_purchase(
    http: Http, service: Service
) -> None:
    begun = await http.buy(ADA)
    body = service.event(begun["sessionId"], kind=EventKind.SESSION_EXPIRED)

    assert (await http.deliver(body)).status_code == 200
    assert service.purchase(begun["purchaseId"]).closed_reason == "expired"


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, "ignored"),
        ({"app": "another"}, "foreign"),
        ({"environment": "another"}, "foreign"),
        ({"purchase_id": PurchaseId("nobodys")}, "orphaned"),
    ],
)
async def test_what_is_not_for_a_purchase_is_taken_all_the_same(
    http: Http, service: Service, changes: dict[str, str], outcome: str
) -> None:
    begun = await http.buy(ADA)
    paid = service.pay(begun["sessionId"])
    service.payments.plant(replace(paid, **changes))  # type: ignore[arg-type]
    kind = EventKind.SESSION_COMPLETED if changes else EventKind.OTHER

    response = await http.deliver(service.event(begun["sessionId"], kind=kind))

    assert response.json()["data"] == {"received": True, "outcome": outcome}


async def test_any_doubt_about_the_signature_is_one_answer(
    http: Http, service: Service
) -> None:
    begun = await http.buy(ADA)
    service.pay(begun["sessionId"])
    body = service.event(begun["sessionId"], kind=EventKind.SESSION_COMPLETED)
    foreign = sign(body, secret="whsec_of_somebody_else")

    answers = [
        await http.post(WEBHOOK, content=body),
        await http.deliver(body, headers={"Stripe-Signature": ""}),
        await http.deliver(body, headers={"Stripe-Signature": "v0=1"}),
        await http.deliver(body, headers={"Stripe-Signature": foreign}),
        await http.deliver(body, headers={"Stripe-Signature": sign(body + b" ")}),
        await http.deliver(body + b" ", headers={"Stripe-Signature": sign(body)}),
        await http.deliver(b"", headers={"Stripe-Signature": sign(body)}),
    ]

    assert {refused(answer) for answer in answers} == {REFUSED}
    assert not service.purchase(begun["purchaseId"]).is_owned


async def test_two_signature_headers_are_a_doubt(http: Http) -> None:
    body = event_json({}, EventKind.OTHER, livemode=False)
    two = [("Stripe-Signature", sign(body)), ("Stripe-Signature", sign(body))]

    response = await http.client.post(WEBHOOK, content=body, headers=two)

    assert refused(response) == REFUSED


async def test_the_other_mode_is_refused_and_told_to_the_humans(
    http: Http, service: Service
) -> None:
    begun = await http.buy(ADA)
    service.pay(begun["sessionId"])
    body = service.event(
        begun["sessionId"], kind=EventKind.SESSION_COMPLETED, livemode=True
    )

    response = await http.deliver(body)

    assert refused(response)[:2] == (400, "livemode_mismatch")
    assert service.alerts.codes == ["livemode_mismatch"]
    assert not service.purchase(begun["purchaseId"]).is_owned


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "HEAD"])
async def test_only_post_is_answered(http: Http, method: str) -> None:
    response = await http.client.request(method, WEBHOOK)

    assert response.status_code == 405
    assert set(response.headers["allow"].split(", ")) == {"OPTIONS", "POST"}


async def test_a_body_may_be_as_large_as_an_event_and_no_larger(http: Http) -> None:
    largest = b"x" * (256 * 1024)

    assert refused(await http.deliver(largest))[0] == 400
    assert refused(await http.deliver(largest + b"x")) == (
        413,
        "body_too_large",
        "The body is larger than this address takes.",
    )


async def test_without_the_database_stripe_sends_again(
    http: Http, service: Service
) -> None:
    begun = await http.buy(ADA)
    service.pay(begun["sessionId"])

    async def fail(_moment: str) -> None:
        raise StorageUnavailable

    service.storage.gate = fail
    body = service.event(begun["sessionId"], kind=EventKind.SESSION_COMPLETED)

    assert refused(await http.deliver(body))[:2] == (503, "storage_unavailable")


class BusyLock:
    """Somebody else holds every key, for ever."""

    def hold(
        self, key: str, *, wait: timedelta = DEFAULT_WAIT, operation: str
    ) -> AbstractAsyncContextManager[None]:
        raise LockTimeout(key, waited=wait)

    def statistics(self) -> LockStatistics:
        return IDLE


async def test_while_another_delivery_is_at_work_stripe_sends_again() -> None:
    service = Service(locks=BusyLock())
    service.sell()
    http = Http(service.app)

    body = service.event(
        await _borrowed_session(service), kind=EventKind.SESSION_COMPLETED
    )

    assert refused(await http.deliver(body)) == (
        503,
        "lock_timeout",
        "Purchase operation in progress, please wait and try again.",
    )


async def test_a_busy_lock_asks_the_buyer_to_wait() -> None:
    service = Service(locks=BusyLock())
    service.sell()
    http = Http(service.app)

    response = await http.post(
        "/api/purchases/create-checkout-session", by=ADA, json={"programId": "choir"}
    )

    assert refused(response)[:2] == (503, "lock_timeout")
    assert response.headers["retry-after"] == "1"
    assert "purchase:create" not in response.text


async def _borrowed_session(service: Service) -> str:
    """Borrow a session that another service opened."""
    lender = Service(is_apart=True)
    lender.sell()
    begun = await Http(lender.app).buy(ADA)
    service.payments.plant(lender.session(begun["sessionId"]))
    return str(begun["sessionId"])
