"""What admins see of all purchases."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.ids import ProgramId, SessionId
from entrypoints.simulation.outside.clock import NOON
from tests.contracts.examples import extra_payment
from tests.http.people import ADA, GRACE, ROOT
from tests.http.service import Http, Service, refused
from tests.http.shopping import NOT_FOUND, bought

HERE = "/api/admin/purchases"
WHY = {"reason": "the buyer called"}


async def listed(http: Http, **asked: Any) -> Any:
    response = await http.get(HERE, by=ROOT, params=asked)
    assert response.status_code == 200, response.text
    return response.json()["data"]


async def shown(http: Http, purchase_id: str) -> Any:
    response = await http.get(f"{HERE}/{purchase_id}", by=ROOT)
    assert response.status_code == 200, response.text
    return response.json()["data"]


async def test_an_admin_finds_a_purchase_and_who_bought_it(
    http: Http, service: Service
) -> None:
    done = await bought(http, service)
    service.clock.advance(timedelta(minutes=1))
    begun = await http.buy(GRACE)

    everything = await listed(http)
    [item] = (await listed(http, search="ada@example.org"))["items"]

    assert [row["id"] for row in everything["items"]] == [
        begun["purchaseId"],
        done["id"],
    ]
    assert (everything["total"], everything["unreadable"]) == (2, [])
    assert item == {
        **done,
        "buyer": {"id": "ada", "name": "Ada Lovelace", "email": "ada@example.org"},
        "openMoney": False,
    }


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ({"status": "completed"}, 1),
        ({"status": "pending"}, 1),
        ({"status": "refund_failed"}, 0),
        ({"programId": "choir", "isClassRep": "true"}, 1),
        ({"programId": "chess"}, 0),
        ({"money": "open"}, 0),
        ({"money": "troubled"}, 0),
        ({"from": f"{NOON:%Y-%m-%d}", "to": f"{NOON:%Y-%m-%d}"}, 2),
        ({"to": "2020-01-01"}, 0),
        ({"to": "9999-12-31"}, 2),
        ({"search": "  grace@example.org "}, 1),
        ({"pageSize": 1, "page": 2}, 1),
    ],
)
async def test_filters_narrow(
    http: Http, service: Service, asked: dict[str, Any], number: int
) -> None:
    await bought(http, service)
    await http.buy(GRACE, rep=True)

    assert len((await listed(http, **asked))["items"]) == number


@pytest.mark.parametrize(
    "asked",
    [
        {"status": "dreaming"},
        {"status[$ne]": "x", "page": "0"},
        {"programId": "a/b"},
        {"from": "yesterday"},
        {"pageSize": "101"},
        {"search": "x" * 255},
        {"money": "mine"},
    ],
)
async def test_what_cannot_be_asked_is_refused(
    http: Http, asked: dict[str, str]
) -> None:
    response = await http.get(HERE, by=ROOT, params=asked)

    assert refused(response)[:2] == (400, "invalid_request")


async def test_a_timeline_tells_all_that_happened(http: Http, service: Service) -> None:
    done = await bought(http, service, rep=True)
    service.clock.advance(timedelta(minutes=1))
    await http.post(f"{HERE}/{done['id']}/refund", by=ROOT, json=WHY)

    file = await shown(http, done["id"])

    assert file["purchase"]["status"] == file["state"] == "refunded"
    assert file["buyer"]["name"] == "Ada Lovelace"
    assert [(act["what"], act["by"], act["why"]) for act in file["acts"]] == [
        ("refund", "admin root", "the buyer called")
    ]
    assert {mail["what"] for mail in file["mails"]} > {"confirmation"}
    told = [(moment["kind"], moment["what"]) for moment in file["timeline"]]
    assert told[0] == ("state", "began")
    states = [what for kind, what in told if kind == "state"]
    assert states == [
        "began",
        "reserved",
        "pending",
        "completed",
        "refunding",
        "refunded",
    ]
    sources = {
        moment["what"]: moment["facts"].get("from")
        for moment in file["timeline"]
        if moment["kind"] == "state"
    }
    assert sources == {
        "began": None,
        "reserved": "creating",
        "pending": "reserved",
        "completed": None,  # its log has all it might have come from
        "refunding": "completed",
        "refunded": "refunding",
    }
    assert [what for kind, what in told if kind == "act"] == ["refund"]
    assert [what for kind, what in told if kind == "request"] == [
        "POST /api/purchases/create-checkout-session",
        "GET /api/purchases/verify-session/{session_id}",
        "POST /api/admin/purchases/{purchase_id}/refund",
    ]
    times = [moment["at"] for moment in file["timeline"]]
    assert times == sorted(times)


async def test_looking_leaves_no_trace(http: Http, service: Service) -> None:
    done = await bought(http, service)
    before = await shown(http, done["id"])

    await http.get(f"{HERE}/{done['id']}/refund-preview", by=ROOT)
    assert await shown(http, done["id"]) == before


async def test_money_that_came_beside_is_shown(http: Http, service: Service) -> None:
    done = await bought(http, service)
    late = replace(extra_payment(), session_id=SessionId("cs_late"))
    service.store.put(replace(service.purchase(done["id"]), extra_payments=(late,)))

    file = await shown(http, done["id"])

    assert [each["paymentIntent"] for each in file["extraPayments"]] == ["pi_cs_late"]
    assert file["sessionId"].startswith("cs_")


async def test_a_preview_says_what_the_refund_then_does(
    http: Http, service: Service
) -> None:
    done = await bought(http, service, rep=True)
    path = f"{HERE}/{done['id']}"

    part = (await http.get(f"{path}/refund-preview?amount=500", by=ROOT)).json()["data"]
    whole = (await http.get(f"{path}/refund-preview", by=ROOT)).json()["data"]
    refunded = await http.post(f"{path}/refund", by=ROOT, json=WHY)
    after = (await http.get(f"{path}/refund-preview", by=ROOT)).json()["data"]

    assert (part["amount"], part["left"], part["losesAccess"]) == (500, 7_500, False)
    assert whole == {
        "refundable": True,
        "why": None,
        "message": None,
        "amount": 8_000,
        "left": 0,
        "losesAccess": True,
        "releasesSpot": True,
        "currency": "usd",
    }
    assert refunded.json()["data"]["refunds"][0]["amount"] == whole["amount"]
    assert service.programs.holders[ProgramId("choir")] == set()
    assert (after["refundable"], after["why"]) == (False, "not_completed")


@pytest.mark.parametrize("amount", ["0", "-1", "1.5", "100000000", "all"])
async def test_an_amount_is_a_number_of_minor_units(
    http: Http, service: Service, amount: str
) -> None:
    done = await bought(http, service)
    path = f"{HERE}/{done['id']}/refund-preview"

    response = await http.get(path, by=ROOT, params={"amount": amount})

    assert refused(response)[:2] == (400, "invalid_request")


@pytest.mark.parametrize("path", ["/nobody", "/nobody/refund-preview", "/%24ne"])
async def test_an_unknown_purchase_is_not_found(http: Http, path: str) -> None:
    response = await http.get(f"{HERE}{path}", by=ROOT)

    assert refused(response) == NOT_FOUND


@pytest.mark.parametrize("path", ["", "/{}", "/{}/refund-preview"])
async def test_a_buyer_sees_none_of_it(http: Http, service: Service, path: str) -> None:
    done = await bought(http, service)

    response = await http.get(HERE + path.format(done["id"]), by=ADA)

    assert refused(response)[:2] == (403, "access_denied")
