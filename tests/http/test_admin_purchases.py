"""What an admin may do to one purchase by hand."""

from dataclasses import replace
from typing import Any

import pytest

from domain.outbox import MailState
from tests.http.people import ADA, ROOT
from tests.http.service import Http, Service, refused
from tests.http.shopping import NOT_FOUND, bought

ACTS = ("cancel", "reconcile", "refund", "resend-confirmation")
WHY = {"reason": "the buyer called"}


async def act(http: Http, name: str, purchase_id: str, **more: Any) -> Any:
    path = f"/api/admin/purchases/{purchase_id}/{name}"
    return await http.post(path, **{"by": ROOT, "json": WHY} | more)


async def test_an_admin_sends_a_dead_confirmation_again(
    http: Http, service: Service
) -> None:
    done = await bought(http, service)
    row = service.purchase(done["id"])
    assert row.confirmation is not None
    service.store.put(replace(row, confirmation=row.confirmation.given_up()))

    response = await act(http, "resend-confirmation", done["id"])

    assert response.status_code == 200, response.text
    assert response.json()["data"]["status"] == "completed"
    mail = service.purchase(done["id"]).confirmation
    assert mail is not None
    assert mail.state is MailState.DUE
    again = await act(http, "resend-confirmation", done["id"])
    assert refused(again) == (
        409,
        "cannot_resend",
        "The confirmation is on its way already.",
    )


async def test_an_admin_gives_a_part_back_and_then_the_rest(
    http: Http, service: Service
) -> None:
    done = await bought(http, service)

    part = await act(http, "refund", done["id"], json={**WHY, "amount": 2_500})
    large = await act(http, "refund", done["id"], json={**WHY, "amount": 7_501})
    rest = await act(http, "refund", done["id"])

    assert part.json()["data"]["status"] == "completed"
    assert refused(large) == (
        422,
        "refund_too_large",
        "No more than 7500 can be given back.",
    )
    assert rest.json()["data"]["status"] == "refunded"
    rows = rest.json()["data"]["refunds"]
    assert [(row["amount"], row["reason"]) for row in rows] == [
        (2_500, "requested_by_admin"),
        (7_500, "requested_by_admin"),
    ]


async def test_an_admin_cancels_for_a_buyer(http: Http) -> None:
    begun = await http.buy(ADA)

    first = await act(http, "cancel", begun["purchaseId"])
    second = await act(http, "cancel", begun["purchaseId"])

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json()["data"]["closedReason"] == "cancelled"


async def test_what_stripe_has_yet_to_confirm_is_accepted(
    http: Http, service: Service
) -> None:
    begun = await http.buy(ADA)
    service.payments.lose_request("expire_session")

    response = await act(http, "cancel", begun["purchaseId"])

    assert response.status_code == 202


async def test_an_admin_mends_a_stuck_purchase(http: Http, service: Service) -> None:
    begun = await http.buy(ADA)
    service.pay(begun["sessionId"])

    response = await act(http, "reconcile", begun["purchaseId"])

    assert response.json()["data"]["status"] == "completed"


async def test_while_stripe_is_silent_nothing_can_be_learnt(
    http: Http, service: Service
) -> None:
    begun = await http.buy(ADA)
    service.payments.lose_request("get_session")

    response = await act(http, "reconcile", begun["purchaseId"])

    assert refused(response)[:2] == (503, "payment_gateway_unavailable")


@pytest.mark.parametrize("name", ACTS)
async def test_an_unknown_purchase_is_not_found(http: Http, name: str) -> None:
    for id_ in ("f" * 32, "not%20an%20id"):
        assert refused(await act(http, name, id_)) == NOT_FOUND


@pytest.mark.parametrize("name", ACTS)
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"reason": ""},
        {"reason": "x" * 201},
        {"reason": "a\nb"},
        {**WHY, "to": "me"},
    ],
)
async def test_no_act_without_a_reason_of_one_line(
    http: Http, service: Service, name: str, body: dict[str, str]
) -> None:
    done = await bought(http, service)

    response = await act(http, name, done["id"], json=body)

    assert response.status_code == 400
    assert service.store.acts == []


@pytest.mark.parametrize("amount", [0, -1, 1.5, "5", True, 10**9])
async def test_an_amount_is_a_whole_number_of_minor_units(
    http: Http, service: Service, amount: Any
) -> None:
    done = await bought(http, service)

    response = await act(http, "refund", done["id"], json={**WHY, "amount": amount})

    assert (response.status_code, response.json()["field"]) == (400, "amount")
    assert service.purchase(done["id"]).refunds == ()


async def test_it_is_written_down_who_did_what_and_why(
    http: Http, service: Service
) -> None:
    begun = await http.buy(ADA)

    await act(http, "cancel", begun["purchaseId"])

    [(purchase_id, noted)] = service.store.acts
    assert purchase_id == begun["purchaseId"]
    assert (noted.what, noted.by, noted.why) == (
        "cancel",
        "admin root",
        "the buyer called",
    )
