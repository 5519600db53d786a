"""Answers to attacks that no other room tries."""

import json
import re
from typing import Any, Final

import pytest

from entrypoints.http.auth import PUBLIC as OPEN
from tests.http.people import ADA, GRACE
from tests.http.service import CREATE, Http, Service, refused, settings
from tests.http.test_authorization import MATRIX, PUBLIC, SCRAPER, Row

SLOT: Final = re.compile(r"{\w+}")
SCRAPERS_TOKEN: Final = "a-token-of-scrapers-that-is-long-enough"
NOT_THERE: Final = {
    "purchase_id": "3f0c9a5e6b7d4e21a8c1d2e3f4a5b6c7",
    "session_id": "cs_test_nothing",
}
ANOTHERS: Final = {key: row for key, row in MATRIX.items() if row.grace == 404}
OF_PURCHASES: Final = {
    key: row
    for key, row in ANOTHERS.items()
    if any(f"{{{name}}}" in key[1] + json.dumps(row.body) for name in NOT_THERE)
}
OURS_TO_DECIDE: Final = (
    "amount",
    "buyer",
    "cancelUrl",
    "cancel_url",
    "currency",
    "email",
    "finalPrice",
    "fullPrice",
    "id",
    "_id",
    "live",
    "orderNumber",
    "price",
    "quote",
    "redirect",
    "returnUrl",
    "role",
    "session",
    "status",
    "successUrl",
    "success_url",
    "userId",
    "$set",
    "$where",
    "__proto__",
)


@pytest.fixture
async def adas(http: Http) -> dict[str, str]:
    begun = await http.buy(ADA)
    return {"purchase_id": begun["purchaseId"], "session_id": begun["sessionId"]}


def filled(row: Row, names: dict[str, str]) -> dict[str, str] | None:
    return row.filled({**names, "program_id": "choir"})


@pytest.mark.parametrize(("method", "template"), OF_PURCHASES)
async def test_what_is_anothers_looks_like_what_is_not_there(
    http: Http, adas: dict[str, str], method: str, template: str
) -> None:
    answers: list[dict[str, Any]] = []
    for names in (adas, NOT_THERE):
        response = await http.ask(
            method,
            template.format(**names),
            by=GRACE,
            json=filled(MATRIX[method, template], names),
            headers={"X-Request-Id": "the-same-one"},
        )
        told = response.json()
        assert told["instance"] == template.format(**names)
        answers.append({**told, "instance": None})

    assert answers[0] == answers[1]
    assert answers[0]["status"] == 404


def test_there_are_routes_to_purchases_of_others() -> None:
    assert len(OF_PURCHASES) >= 7


async def test_a_scrapers_token_opens_the_metrics_and_nothing_else() -> None:
    service = Service(settings=settings(metrics_token=SCRAPERS_TOKEN))
    service.sell()
    http = Http(service.app)
    told = {}
    for (method, template), row in MATRIX.items():
        response = await http.client.request(
            method,
            SLOT.sub("choir", template),
            headers={"Authorization": f"Bearer {SCRAPERS_TOKEN}"},
            json=row.body or None,
        )
        told[method, template] = (row.who, response.status_code)

    opened = {key for key, (who, status) in told.items() if status < 400}
    assert {told[key][0] for key in opened} <= {PUBLIC, SCRAPER}
    assert ("GET", "/api/system/metrics") in opened
    assert {
        status for who, status in told.values() if who not in {PUBLIC, SCRAPER}
    } == {401}


@pytest.mark.parametrize("field", OURS_TO_DECIDE)
async def test_no_body_decides_what_the_service_decides(
    http: Http, service: Service, field: str
) -> None:
    for value in ("https://evil.example", 1, {"$gt": ""}, None):
        body = {"programId": "choir", field: value}

        response = await http.post(CREATE, by=ADA, json=body)

        assert refused(response)[:2] == (400, "invalid_request")
    assert not service.store.rows


def test_what_is_public_says_so_by_name(service: Service) -> None:
    """Deny is the default: a handler that declares nothing wants a token."""
    said = {
        str(route.path_format)
        for route in service.app.routes
        for handler in getattr(route, "route_handlers", ())
        if handler.opt.get(OPEN) is True
    }

    assert {path for (_, path), row in MATRIX.items() if row.who == PUBLIC} == said
