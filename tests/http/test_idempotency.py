"""`Idempotency-Key` over HTTP, as draft-ietf-httpapi-idempotency-key-header says."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import httpx
import pytest

from application.claim_key import KEPT, LEASE
from application.ports.storage import StorageUnavailable
from entrypoints.http.idempotency import canonical
from entrypoints.simulation.outside.gates import give_way
from tests.http.people import ADA, GRACE, ROOT, Person
from tests.http.service import (
    CREATE,
    WEBHOOK,
    Http,
    Service,
    document,
    refused,
    settings,
)
from tests.http.shopping import bought

PART = {"reason": "half of it was cancelled", "amount": 500}
HEADER = "Idempotency-Key"
POSTS = [
    (path, operations["post"])
    for path, operations in document()["paths"].items()
    if "post" in operations and path != WEBHOOK
]


async def check_out(
    http: Http, key: str | None = "k-1", *, by: Person = ADA, **body: Any
) -> httpx.Response:
    headers = {} if key is None else {HEADER: key}
    return await http.post(
        CREATE, by=by, headers=headers, json={"programId": "choir", **body}
    )


async def give_back(http: Http, purchase_id: str, key: str | None) -> httpx.Response:
    return await http.post(
        f"/api/admin/purchases/{purchase_id}/refund",
        by=ROOT,
        headers={} if key is None else {HEADER: key},
        json=PART,
    )


def told_of_keys(service: Service) -> list[str]:
    """Return what the storage of keys is asked from now on."""
    told: list[str] = []

    async def note(moment: str) -> None:
        await asyncio.sleep(0)
        told.append(moment)

    service.keys.gate = note
    return told


async def test_a_repeat_gets_the_first_answer(http: Http, service: Service) -> None:
    first = await check_out(http)
    service.pay(first.json()["data"]["sessionId"])
    second = await check_out(http)

    assert second.status_code == first.status_code == 200
    assert second.content == first.content
    assert second.headers["content-type"] == first.headers["content-type"]
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert second.headers["x-request-id"] != first.headers["x-request-id"]
    assert first.json()["data"]["existing"] is False


async def test_without_a_key_the_storage_is_not_asked(
    http: Http, service: Service
) -> None:
    told = told_of_keys(service)

    await check_out(http, None)

    assert told == []


async def test_with_a_key_it_is_asked_twice(http: Http, service: Service) -> None:
    told = told_of_keys(service)

    await check_out(http)
    await http.get("/api/purchases/my-purchases", by=ADA, headers={HEADER: "k-1"})

    assert told == [
        f"{when} keys.{call}"
        for call in ("begin", "keep")
        for when in ("before", "after")
    ]


async def test_a_refusal_is_answered_again(http: Http, service: Service) -> None:
    first = await check_out(http, programId="nothing")
    service.sell("nothing")
    second = await check_out(http, programId="nothing")

    assert first.status_code == 404
    assert second.content == first.content
    assert second.headers["content-type"] == "application/problem+json"


async def test_a_key_stands_for_one_body(http: Http) -> None:
    await check_out(http)

    response = await check_out(http, isClassRep=True)

    assert refused(response) == (
        422,
        "idempotency_key_reused",
        "This Idempotency-Key was used for another request.",
    )


async def test_a_key_stands_for_one_path(http: Http, service: Service) -> None:
    done = await bought(http, service)
    begun = await http.buy(GRACE)

    first = await give_back(http, done["id"], "k-1")
    second = await give_back(http, begun["purchaseId"], "k-1")

    assert (first.status_code, second.status_code) == (200, 422)


async def test_the_same_said_otherwise_is_the_same(http: Http) -> None:
    headers = {HEADER: "k-1", "Content-Type": "application/json"}
    bodies = (
        b'{"programId":"choir","isClassRep":true}',
        b'{ "isClassRep": true,\n "programId": "\\u0063hoir" }',
    )

    first, second = [
        await http.post(CREATE, by=ADA, headers=headers, content=body)
        for body in bodies
    ]

    assert second.headers["idempotency-replayed"] == "true"
    assert second.content == first.content


@pytest.mark.parametrize(
    "other", [b"", b"[", b"[" * 9000, b'{"a":1,"a":2}', b"\xff", b'{"a":2.0}', b"NaN"]
)
def test_what_differs_is_told_apart(other: bytes) -> None:
    assert canonical(other) != canonical(b'{"a":2}')


async def test_each_caller_has_their_own_keys(http: Http) -> None:
    adas = await check_out(http)
    graces = await check_out(http, by=GRACE)

    assert adas.status_code == graces.status_code == 200
    assert adas.json()["data"]["purchaseId"] != graces.json()["data"]["purchaseId"]
    assert "idempotency-replayed" not in graces.headers


async def test_while_the_first_is_answered_the_second_is_told_to_wait(
    http: Http, service: Service
) -> None:
    reached, goes_on = asyncio.Event(), asyncio.Event()

    async def hold(moment: str) -> None:
        if moment == "before purchases.add":
            reached.set()
            await goes_on.wait()

    service.storage.gate = hold
    first = asyncio.create_task(check_out(http))
    await reached.wait()

    second = await check_out(http)
    goes_on.set()

    assert refused(second)[:2] == (409, "idempotency_in_progress")
    assert second.headers["retry-after"] == "1"
    assert (await first).status_code == 200
    assert (await check_out(http)).content == (await first).content


@pytest.mark.parametrize(
    "key", ["a", '"quoted"', "a" * 255, r'"say \"so\""', "two words", "~!@#"]
)
async def test_a_key_is_any_printable_text(http: Http, key: str) -> None:
    assert (await check_out(http, key)).status_code == 200
    assert (await check_out(http, key)).headers["idempotency-replayed"] == "true"


async def test_quotes_are_notation(http: Http) -> None:
    await check_out(http, "k-1")

    assert (await check_out(http, '"k-1"')).headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize(
    "key",
    ["", " ", "a" * 256, "tab\there", "caf\xe9", '"', '"open', '"a"b"', r'"\n"', '""'],
)
async def test_anything_else_is_malformed(
    http: Http, service: Service, key: str
) -> None:
    response = await http.post(
        CREATE,
        by=ADA,
        headers={HEADER: key.encode("latin-1")},
        json={"programId": "choir"},
    )

    assert refused(response)[:2] == (400, "invalid_request")
    assert response.json()["field"] == HEADER
    assert not service.store.rows


async def test_two_keys_are_none(http: Http) -> None:
    headers = [
        (HEADER, "k-1"),
        (HEADER, "k-2"),
        ("Authorization", f"Bearer {ADA.token}"),
    ]

    response = await http.client.post(CREATE, headers=headers, json={})

    assert refused(response)[0] == 400


async def test_who_is_nobody_claims_no_key(http: Http, service: Service) -> None:
    told = told_of_keys(service)

    stranger = await http.post(CREATE, headers={HEADER: "k-1"}, json={})
    user = await http.post(
        "/api/admin/purchases/any/refund", by=ADA, headers={HEADER: "k-1"}, json=PART
    )
    webhook = await http.deliver(b"{}", headers={HEADER: "k-1"})

    assert [each.status_code for each in (stranger, user, webhook)] == [401, 403, 400]
    assert told == []


async def test_who_asks_too_often_claims_no_key() -> None:
    service = Service(settings=settings(rate_limit_checkout="1/minute"))
    service.sell()
    http = Http(service.app)
    await check_out(http, "k-1")
    told = told_of_keys(service)

    assert (await check_out(http, "k-2")).status_code == 429
    assert told == []


async def test_a_failure_may_be_repeated_at_once(http: Http, service: Service) -> None:
    async def fail(_moment: str) -> None:
        raise StorageUnavailable

    service.storage.gate = fail
    first = await check_out(http)
    service.storage.gate = give_way
    second = await check_out(http)

    assert (first.status_code, second.status_code) == (503, 200)
    assert "idempotency-replayed" not in second.headers


async def test_without_a_storage_for_keys_nothing_is_begun(
    http: Http, service: Service
) -> None:
    async def fail(moment: str) -> None:
        if moment.startswith("before"):
            raise StorageUnavailable

    service.keys.gate = fail

    assert (await check_out(http)).status_code == 503
    assert not service.store.rows


async def test_an_answer_that_cannot_be_kept_is_given_and_a_refund_stays_one(
    http: Http, service: Service
) -> None:
    done = await bought(http, service)

    async def fail(moment: str) -> None:
        if moment == "before keys.keep":
            raise StorageUnavailable

    service.keys.gate = fail
    first = await give_back(http, done["id"], "k-1")
    service.keys.gate = give_way
    waits = await give_back(http, done["id"], "k-1")
    service.clock.advance(LEASE)
    again = await give_back(http, done["id"], "k-1")

    assert [each.status_code for each in (first, waits, again)] == [200, 409, 200]
    assert "idempotency-replayed" not in again.headers
    assert [row["amount"] for row in again.json()["data"]["refunds"]] == [500]
    assert len(service.refunds.refunds) == 1


async def test_the_weakness_without_a_key_is_two_refunds(
    http: Http, service: Service
) -> None:
    done = await bought(http, service)

    for _ in range(2):
        await give_back(http, done["id"], None)

    assert len(service.refunds.refunds) == 2


async def test_a_day_later_the_key_may_name_something_else(
    http: Http, service: Service
) -> None:
    await check_out(http)
    service.clock.advance(KEPT + timedelta(seconds=1))

    assert (await check_out(http, isClassRep=True)).status_code == 200


async def test_a_shop_of_another_origin_may_send_it_and_read_the_answer() -> None:
    shop = "https://shop.example"
    http = Http(Service(settings=settings(cors_origins=shop)).app)

    preflight = await http.client.options(
        CREATE,
        headers={
            "Origin": shop,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": HEADER,
        },
    )
    answer = await check_out(http, programId="nothing")

    assert preflight.status_code == 204
    allowed = preflight.headers["access-control-allow-headers"].lower()
    assert HEADER.lower() in re.split(", *", allowed)
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "operation",
    [operation for _, operation in POSTS],
    ids=[path for path, _ in POSTS],
)
def test_every_post_says_that_it_takes_a_key(operation: Any) -> None:
    names = [each["name"] for each in operation["parameters"]]
    examples = {
        example["value"]["code"]
        for response in operation["responses"].values()
        for content in response["content"].values()
        for example in content.get("examples", {}).values()
    }

    assert names.count(HEADER) == 1
    assert {"idempotency_in_progress", "idempotency_key_reused"} <= examples


def test_the_webhook_does_not() -> None:
    operation = document()["paths"][WEBHOOK]["post"]

    assert HEADER not in [each["name"] for each in operation.get("parameters", [])]
