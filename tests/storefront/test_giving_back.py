"""A refund: what it means is said before, and how it stands is said after."""

import json
from http import HTTPStatus

import pytest

from tests.storefront.browsing import Browser, text_of
from tests.storefront.scripted_service import (
    ELIGIBLE,
    PURCHASE,
    RECEIPT,
    JsonObject,
    ScriptedService,
    listed,
)

PAGE = "/purchases/p1/refund"
RECEIPT_CALL = "GET /api/purchases/p1/receipt"
MAY_I = "GET /api/purchases/refund-eligibility/p1"
ASK = "POST /api/purchases/refund"
NO: JsonObject = {
    **ELIGIBLE,
    "eligible": False,
    "amount": 0,
    "reason": "x",
    "message": "No.",
}
SENT: JsonObject = {"amount": 4500, "currency": "usd", "status": "sent"}


async def test_amount_deadline_and_effect_come_before_the_button(
    ada: Browser, service: ScriptedService
) -> None:
    service.will(RECEIPT_CALL, RECEIPT)
    service.will(MAY_I, ELIGIBLE)
    page = await ada.open(PAGE)
    text = text_of(page)
    assert "You get back $45.00" in text
    assert "Possible until January 31, 2026 at 1:05 PM (America/New York)" in text
    assert "You keep your access until the money has gone back." in text
    assert "Your class-rep spot is offered to others again" in text
    assert page.text.index('id="effect"') < page.text.index('id="confirm-refund"')
    assert all(asked.method == "GET" for asked in service.asked)


async def test_the_button_asks_once_and_shows_how_it_stands(
    ada: Browser, service: ScriptedService
) -> None:
    service.will(ASK, {**PURCHASE, "status": "refund_processing"})
    answer = await ada.submit(PAGE)
    assert (answer.status_code, answer.headers["Location"]) == (303, PAGE)
    assert json.loads(service.asked[-1].content) == {"purchaseId": "p1"}


@pytest.mark.parametrize(
    ("status", "row", "words"),
    [
        ("refund_processing", "sent", "The money is on its way back."),
        ("refunded", "done", "your access has ended"),
        ("completed", "sent", "No."),
    ],
)
async def test_a_refund_that_was_asked_for_says_how_far_it_is(
    ada: Browser, service: ScriptedService, status: str, row: str, words: str
) -> None:
    rows = [{**SENT, "status": row}]
    service.will(RECEIPT_CALL, {**RECEIPT, "status": status, "refunds": rows})
    service.will(MAY_I, NO)
    page = await ada.open(PAGE)
    assert words in text_of(page)
    assert 'id="refunds"' in page.text
    assert 'id="confirm-refund"' not in page.text


async def test_too_late_says_until_when_it_was_possible(
    ada: Browser, service: ScriptedService
) -> None:
    service.will(RECEIPT_CALL, RECEIPT)
    service.will(
        MAY_I, {**NO, "reason": "refund_window_closed", "message": "The time is over."}
    )
    page = await ada.open(PAGE)
    assert "This cannot be given back" in page.text
    assert "The time is over." in page.text
    assert "Was possible until January 31, 2026" in text_of(page)
    assert 'id="confirm-refund"' not in page.text


async def test_what_cost_nothing_promises_no_money(
    ada: Browser, service: ScriptedService
) -> None:
    service.will(RECEIPT_CALL, RECEIPT)
    service.will(MAY_I, {**ELIGIBLE, "amount": 0})
    text = text_of(await ada.open(PAGE))
    assert "Nothing: nothing was paid" in text
    assert "Your access ends at once." in text
    assert "Banks" not in text


@pytest.mark.parametrize(
    ("code", "heading"),
    [
        ("refund_under_way", "Your refund is on its way"),
        ("refund_window_closed", "It is too late to give this back"),
        ("not_refundable", "This cannot be given back now"),
    ],
)
async def test_a_refusal_reads_well(
    ada: Browser, service: ScriptedService, code: str, heading: str
) -> None:
    service.will_refuse(ASK, HTTPStatus.CONFLICT, "The sentence.", code=code)
    text = text_of(await ada.submit(PAGE))
    assert f"{heading} The sentence." in text


async def test_my_purchases_lead_to_the_refund_and_show_it(
    ada: Browser, service: ScriptedService
) -> None:
    under_way = {
        **PURCHASE,
        "id": "p2",
        "status": "refund_processing",
        "refunds": [SENT],
    }
    service.will("GET /api/purchases/my-purchases", listed(PURCHASE, under_way))
    service.will("GET /api/purchases/my-pending-purchases", listed())
    page = await ada.open("/purchases")
    assert 'id="refund-p1" href="/purchases/p1/refund">Give it back' in page.text
    assert 'href="/purchases/p2/refund">How the refund stands' in page.text
    assert "Refund of $45.00: on its way." in text_of(page)


async def test_a_long_list_has_pages(ada: Browser, service: ScriptedService) -> None:
    mine = {**listed(PURCHASE), "total": 25}
    service.will("GET /api/purchases/my-purchases", mine)
    page = await ada.open("/purchases?page=2")
    assert service.asked[-1].url.params["page"] == "2"
    assert 'id="newer" rel="prev" href="/purchases?page=1"' in page.text
    assert 'id="older" rel="next" href="/purchases?page=3"' in page.text
    assert "Page 2 of 3" in page.text
    assert 'id="older"' not in (await ada.open("/purchases?page=3")).text
    assert (await ada.open("/purchases?page=0")).status_code == HTTPStatus.BAD_REQUEST
