"""A webhook that Stripe signed and we cannot read is a human's business."""

from application.ports.payment_events import EventKind
from tests.http.people import ADA
from tests.http.service import Http, Service, event_json, session_json, sign


async def test_what_stripe_signed_and_we_cannot_read_is_reported(
    http: Http, service: Service
) -> None:
    response = await http.deliver(b'{"id": "evt_1"}')

    assert response.status_code == 400
    assert service.alerts.codes == ["webhook_unread"]


async def test_what_is_ours_and_odd_inside_is_held_and_acknowledged(
    http: Http, service: Service
) -> None:
    begun = await http.buy(ADA)
    paid = session_json(service.pay(begun["sessionId"]))
    odd = event_json(
        {**paid, "amount_total": None}, EventKind.SESSION_COMPLETED, livemode=False
    )

    response = await http.deliver(odd)

    assert response.status_code == 200
    assert response.json()["data"]["outcome"] == "quarantined"
    (held,) = service.event_log.rows.values()
    assert held.why.startswith("unreadable: amount_total in api_version ")
    assert not service.purchase(begun["purchaseId"]).is_owned


async def test_what_nobody_signed_is_not_worth_a_word(
    http: Http, service: Service
) -> None:
    forged = sign(b'{"id": "evt_1"}', secret="whsec_guessed")

    response = await http.deliver(
        b'{"id": "evt_1"}', headers={"Stripe-Signature": forged}
    )

    assert response.status_code == 400
    assert service.alerts.codes == []
