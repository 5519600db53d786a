"""A webhook that Stripe signed and we cannot read is a human's business."""

from tests.http.service import Http, Service, sign


async def test_what_stripe_signed_and_we_cannot_read_is_reported(
    http: Http, service: Service
) -> None:
    response = await http.deliver(b'{"id": "evt_1"}')

    assert response.status_code == 400
    assert service.alerts.codes == ["webhook_unread"]


async def test_what_nobody_signed_is_not_worth_a_word(
    http: Http, service: Service
) -> None:
    forged = sign(b'{"id": "evt_1"}', secret="whsec_guessed")

    response = await http.deliver(b'{"id": "evt_1"}', signature=forged)

    assert response.status_code == 400
    assert service.alerts.codes == []
