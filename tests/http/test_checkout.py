from datetime import UTC, datetime, timedelta

import pytest

from application.ports.payments import PaymentGatewayUnavailable, PaymentRefused
from application.ports.storage import StorageUnavailable
from domain.checkout import CheckoutRequest, CheckoutSession
from domain.ids import PurchaseId, SessionId
from entrypoints.simulation.outside.clock import NOON
from tests.http.people import ADA, GRACE
from tests.http.service import CREATE, Http, Service, refused

IN_PROGRESS = "Purchase operation in progress, please wait and try again."


async def test_a_buyer_is_sent_to_a_payment_page(http: Http, service: Service) -> None:
    response = await http.post(
        CREATE, by=ADA, json={"programId": "choir", "isClassRep": True}
    )

    assert response.status_code == 200
    answer = response.json()
    [purchase] = service.store.rows.values()
    assert purchase.session is not None
    assert answer == {
        "success": True,
        "data": {
            "sessionId": purchase.session.id,
            "sessionUrl": f"https://pay.example/{purchase.session.id}",
            "existing": False,
            "purchaseId": purchase.id,
            "orderNumber": purchase.order_number,
            "expiresAt": "2026-03-02T12:35:00Z",
            "quote": {
                "fullPrice": 10000,
                "classRepDiscount": 2000,
                "earlyBirdDiscount": 0,
                "total": 8000,
                "currency": "usd",
                "isClassRep": True,
                "isEarlyBird": False,
                "fingerprint": purchase.quote.fingerprint,
            },
        },
    }
    assert purchase.buyer.id == ADA.id
    assert (purchase.buyer.email, purchase.buyer.name) == (ADA.email, ADA.name)


async def test_full_price_is_what_is_sold_unless_asked_otherwise(http: Http) -> None:
    response = await http.post(CREATE, by=ADA, json={"programId": "choir"})

    assert response.json()["data"]["quote"]["isClassRep"] is False


async def test_asked_again_it_is_the_same_session(http: Http) -> None:
    first = await http.buy(ADA)
    again = await http.buy(ADA)

    assert again == first | {"existing": True}


async def test_asked_with_the_other_choice_the_open_one_is_closed(
    http: Http, service: Service
) -> None:
    first = await http.buy(ADA)
    other = await http.buy(ADA, rep=True)

    assert other["purchaseId"] != first["purchaseId"]
    closed = service.purchase(first["purchaseId"])
    assert closed.closed_reason == "replaced"


async def test_a_total_of_nothing_is_bought_at_once(
    http: Http, service: Service
) -> None:
    service.sell("gift", price=5000, rep_discount=5000)

    free = await http.buy(ADA, "gift", rep=True)

    quote = free.pop("quote")
    assert quote["total"] == 0
    assert free == {
        "sessionId": None,
        "sessionUrl": None,
        "orderId": free["orderNumber"],
        "isFree": True,
        "existing": False,
        "purchaseId": free["purchaseId"],
        "orderNumber": free["orderNumber"],
        "expiresAt": None,
    }
    assert service.purchase(free["purchaseId"]).is_owned


async def test_the_early_bird_discount_is_in_the_quote(
    http: Http, service: Service
) -> None:
    service.sell("lark", early_discount=500, deadline=NOON + timedelta(seconds=1))

    quote = (await http.buy(ADA, "lark", rep=True))["quote"]

    assert quote["earlyBirdDiscount"] == 500
    assert quote["isEarlyBird"] is True
    assert quote["total"] == 7500


async def test_an_unknown_program_is_not_found(http: Http) -> None:
    response = await http.post(CREATE, by=ADA, json={"programId": "poetry"})

    assert refused(response) == (404, "program_not_found", "Program not found.")


async def test_a_retired_program_is_not_found(http: Http, service: Service) -> None:
    service.sell("old", active=False)

    response = await http.post(CREATE, by=ADA, json={"programId": "old"})

    assert refused(response) == (404, "program_not_found", "Program not found.")


async def test_a_free_program_is_not_sold(http: Http, service: Service) -> None:
    service.sell("open", price=0, rep_discount=0)

    response = await http.post(CREATE, by=ADA, json={"programId": "open"})

    assert refused(response) == (400, "program_is_free", "This program is free.")


async def test_nobody_buys_twice(http: Http, service: Service) -> None:
    bought = await http.buy(ADA)
    service.pay(bought["sessionId"])
    await http.get(f"/api/purchases/verify-session/{bought['sessionId']}", by=ADA)

    response = await http.post(CREATE, by=ADA, json={"programId": "choir"})

    assert refused(response) == (
        400,
        "already_purchased",
        "You have already purchased this program.",
    )
    assert response.json()["purchaseId"] == bought["purchaseId"]


async def test_the_other_choice_of_what_turns_out_paid_is_already_purchased(
    http: Http, service: Service
) -> None:
    bought = await http.buy(ADA)
    service.pay(bought["sessionId"])

    asked = {"programId": "choir", "isClassRep": True}
    response = await http.post(CREATE, by=ADA, json=asked)

    assert refused(response)[:2] == (400, "already_purchased")


async def test_the_last_spot_is_sold_once(http: Http, service: Service) -> None:
    service.sell("duo", limit=1)
    await http.buy(ADA, "duo", rep=True)

    response = await http.post(
        CREATE, by=GRACE, json={"programId": "duo", "isClassRep": True}
    )

    assert refused(response) == (
        409,
        "class_rep_limit_reached",
        "Class Representative limit has been reached for this program.",
    )


async def test_a_total_below_the_smallest_charge_writes_nothing(
    http: Http, service: Service
) -> None:
    service.sell("cheap", price=1000, rep_discount=960)

    response = await http.post(
        CREATE, by=ADA, json={"programId": "cheap", "isClassRep": True}
    )

    assert refused(response) == (
        422,
        "below_minimum_charge",
        "The total of 0.40 USD is below the smallest charge of 0.50 USD.",
    )
    assert not service.store.rows


async def test_what_stripe_refuses_is_a_bad_gateway(
    http: Http, service: Service
) -> None:
    async def refuse(moment: str) -> None:
        if moment == "create_session:before":
            raise PaymentRefused("planted_reason")

    service.payments.gate = refuse

    response = await http.post(CREATE, by=ADA, json={"programId": "choir"})

    assert refused(response) == (
        502,
        "payment_refused",
        "The payment provider refused this checkout.",
    )
    assert "planted_reason" not in response.text


async def test_an_unknown_outcome_names_the_purchase_to_ask_for(
    http: Http, service: Service
) -> None:
    service.payments.lose_answer("create_session", times=9)

    response = await http.post(CREATE, by=ADA, json={"programId": "choir"})

    assert refused(response) == (503, "checkout_unresolved", IN_PROGRESS)
    assert response.headers["retry-after"] == "1"
    [purchase] = service.store.rows.values()
    assert response.json()["purchaseId"] == purchase.id


async def test_a_database_that_does_not_answer_is_to_be_asked_again(
    http: Http, service: Service
) -> None:
    async def fail(_moment: str) -> None:
        raise StorageUnavailable

    service.storage.gate = fail

    response = await http.post(CREATE, by=ADA, json={"programId": "choir"})

    assert refused(response)[0] == 503
    assert response.headers["retry-after"] == "1"


async def test_a_payment_under_way_is_not_paid_again(
    http: Http, service: Service
) -> None:
    bought = await http.buy(ADA)
    session_id = SessionId(bought["sessionId"])
    service.payments.pay_later(session_id)
    await http.get(f"/api/purchases/verify-session/{session_id}", by=ADA)

    response = await http.post(CREATE, by=ADA, json={"programId": "choir"})

    assert refused(response) == (
        409,
        "payment_under_way",
        "Your payment is on its way; there is nothing more to pay.",
    )


async def test_a_retry_leads_to_the_same_open_session(http: Http) -> None:
    first = await http.buy(ADA, rep=True)

    response = await http.post(f"/api/purchases/retry/{first['purchaseId']}", by=ADA)

    assert response.status_code == 200
    assert response.json()["data"] == first | {"existing": True}


async def test_a_retry_of_what_was_cancelled_is_a_new_checkout(http: Http) -> None:
    first = await http.buy(ADA)
    await http.delete(f"/api/purchases/{first['purchaseId']}", by=ADA)

    response = await http.post(f"/api/purchases/retry/{first['purchaseId']}", by=ADA)

    again = response.json()["data"]
    assert again["purchaseId"] != first["purchaseId"]
    assert again["existing"] is False


async def test_a_retry_never_replaces_the_other_choice(http: Http) -> None:
    first = await http.buy(ADA)
    other = await http.buy(ADA, rep=True)

    response = await http.post(f"/api/purchases/retry/{first['purchaseId']}", by=ADA)

    assert refused(response) == (
        409,
        "other_choice_open",
        "A checkout of this program with another choice is open.",
    )
    assert response.json()["purchaseId"] == other["purchaseId"]


@pytest.mark.parametrize("purchase_id", ["unknown", "%00", "a" * 65, "..%2f..", "$ne"])
async def test_a_retry_of_nothing_is_not_found(http: Http, purchase_id: str) -> None:
    response = await http.post(f"/api/purchases/retry/{purchase_id}", by=ADA)

    assert refused(response)[0] == 404


async def test_a_checkout_closed_meanwhile_is_begun_anew(
    http: Http, service: Service
) -> None:
    create = service.payments.create_session

    async def close_then_create(
        purchase_id: PurchaseId, request: CheckoutRequest
    ) -> CheckoutSession:
        service.payments.create_session = create  # type: ignore[method-assign]
        await http.delete(f"/api/purchases/{purchase_id}", by=ADA)
        return await create(purchase_id, request)

    service.payments.create_session = close_then_create  # type: ignore[method-assign]

    response = await http.post(CREATE, by=ADA, json={"programId": "choir"})

    assert refused(response) == (
        409,
        "checkout_closed",
        "This checkout was closed meanwhile; please start again.",
    )


async def test_times_are_utc_whatever_zone_the_program_is_in(
    http: Http, service: Service
) -> None:
    berlin = datetime.fromisoformat("2026-06-01T00:00:00+02:00")
    service.sell("summer", early_discount=1, deadline=berlin.astimezone(UTC))

    program = (await http.get("/api/programs/summer")).json()["data"]

    assert program["earlyBirdDeadline"] == "2026-05-31T22:00:00Z"


async def test_a_provider_that_is_away_leaves_a_cancellation_open(
    http: Http, service: Service
) -> None:
    bought = await http.buy(ADA)

    async def away(_moment: str) -> None:
        raise PaymentGatewayUnavailable

    service.payments.gate = away
    response = await http.delete(f"/api/purchases/{bought['purchaseId']}", by=ADA)

    assert response.status_code == 202
    assert response.json()["data"]["status"] == "pending"
