import re
from http import HTTPStatus

import httpx
import pytest

from tests.storefront.browsing import Browser, text_of
from tests.storefront.scripted_service import (
    PAY_HERE,
    PENDING,
    PROGRAM,
    PURCHASE,
    QUOTE,
    RECEIPT,
    ScriptedService,
    listed,
)

VERIFY = "GET /api/purchases/verify-session/cs_test_1"
ONE = "GET /api/purchases/p1"
CANCEL = "DELETE /api/purchases/p1"
MINE = "GET /api/purchases/my-purchases"
MINE_PENDING = "GET /api/purchases/my-pending-purchases"
SUCCESS = "/purchase/success?session_id=cs_test_1"


async def test_a_late_webhook_leaves_a_page_that_looks_again_until_it_is_done(
    ada: Browser, service: ScriptedService
) -> None:
    service.will(VERIFY, {**PENDING, "sessionUrl": None})
    waiting = await ada.open(SUCCESS)
    again = "/purchase/success?session_id=cs_test_1&amp;looks=1"
    assert f'<meta http-equiv="refresh" content="2;url={again}">' in waiting.text
    assert "Your payment is being checked" in text_of(waiting)
    service.will(VERIFY, PURCHASE)
    done = await ada.open(again.replace("&amp;", "&"))
    assert "refresh" not in done.text
    assert "Order number ORD-20260101-ABCDEFGH12345678 Status Completed" in text_of(
        done
    )
    assert 'id="receipt" href="/dashboard/purchase-receipt/p1"' in done.text


async def test_a_page_that_waits_long_asks_less_often(
    ada: Browser, service: ScriptedService
) -> None:
    service.will(VERIFY, PENDING)
    page = await ada.open(f"{SUCCESS}&looks=15")
    assert 'content="20;' in page.text


async def test_a_page_that_waited_for_long_says_what_to_do_instead(
    ada: Browser, service: ScriptedService
) -> None:
    service.will(VERIFY, {**PENDING, "sessionUrl": None})
    page = await ada.open(f"{SUCCESS}&looks=45")
    assert "refresh" not in page.text
    assert "Please do not pay a second time." in text_of(page)
    again = "/purchase/success?session_id=cs_test_1"
    assert f'id="look-again" href="{again}"' in page.text


async def test_nothing_is_called_paid_before_the_service_says_so(
    ada: Browser, service: ScriptedService
) -> None:
    for looks in (0, 45):
        for session_url in (PAY_HERE, None):
            service.will(VERIFY, {**PENDING, "sessionUrl": session_url})
            page = await ada.open(f"{SUCCESS}&looks={looks}")
            assert "Thank you" not in page.text
            assert "Completed" not in page.text
            assert 'id="receipt"' not in page.text


async def test_who_came_back_unpaid_may_still_pay(
    ada: Browser, service: ScriptedService
) -> None:
    service.will(VERIFY, PENDING)
    page = await ada.open(SUCCESS)
    assert f'id="continue-payment" href="{PAY_HERE}"' in page.text


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [("expired", "The time to pay ran out."), ("failed", "The payment failed.")],
)
async def test_an_end_without_payment_says_why(
    ada: Browser, service: ScriptedService, reason: str, sentence: str
) -> None:
    service.will(VERIFY, {**PURCHASE, "status": "failed", "closedReason": reason})
    page = await ada.open(SUCCESS)
    assert sentence in text_of(page)
    assert 'id="receipt"' not in page.text


async def test_a_free_place_has_its_success_page_too(
    ada: Browser, service: ScriptedService
) -> None:
    service.will(ONE, PURCHASE)
    page = await ada.open("/purchase/success?purchase_id=p1")
    assert "the place is yours" in text_of(page)


async def test_a_success_page_of_nothing_is_not_found(ada: Browser) -> None:
    answer = await ada.open("/purchase/success")
    assert answer.status_code == HTTPStatus.NOT_FOUND


async def test_the_cancel_page_offers_both_ways_on(
    ada: Browser, service: ScriptedService
) -> None:
    service.will(ONE, PENDING)
    service.will("GET /api/programs/choir", PROGRAM)
    page = await ada.open("/purchase/cancel?purchase_id=p1")
    assert "Nothing was charged" in text_of(page)
    assert f'id="continue-payment" href="{PAY_HERE}"' in page.text
    assert 'id="cancel-purchase"' in page.text


async def test_the_cancel_page_of_a_paid_purchase_promises_nothing(
    ada: Browser, service: ScriptedService
) -> None:
    service.will(ONE, PURCHASE)
    service.will("GET /api/programs/choir", PROGRAM)
    page = await ada.open("/purchase/cancel?purchase_id=p1")
    assert "othing was charged" not in text_of(page)
    assert 'id="cancel-purchase"' not in page.text


@pytest.mark.parametrize(
    ("status", "notice", "sentence"),
    [
        (HTTPStatus.OK, "cancelled", "The purchase is cancelled."),
        (HTTPStatus.ACCEPTED, "cancelling", "it has yet to confirm"),
    ],
)
async def test_cancelling_says_how_far_it_came(
    ada: Browser,
    service: ScriptedService,
    status: HTTPStatus,
    notice: str,
    sentence: str,
) -> None:
    service.will(CANCEL, PENDING, status)
    service.will(MINE, listed())
    service.will(MINE_PENDING, listed())
    answer = await ada.submit("/purchases/cancel", purchase_id="p1")
    assert answer.status_code == HTTPStatus.SEE_OTHER
    assert answer.headers["Location"] == f"/purchases?notice={notice}"
    assert sentence in text_of(await ada.open(answer.headers["Location"]))


async def test_a_completed_purchase_cannot_be_cancelled(
    ada: Browser, service: ScriptedService
) -> None:
    detail = "A completed purchase cannot be cancelled; ask for a refund."
    service.will_refuse(
        CANCEL, HTTPStatus.CONFLICT, detail, code="cannot_cancel_completed"
    )
    page = await ada.submit("/purchases/cancel", purchase_id="p1")
    assert detail in text_of(page)


async def test_my_purchases_shows_what_waits_and_what_was_bought(
    ada: Browser, service: ScriptedService
) -> None:
    service.will(MINE, listed(PURCHASE))
    service.will(MINE_PENDING, listed({**PENDING, "id": "p2"}))
    service.will("GET /api/programs/choir", PROGRAM)
    page = await ada.open("/purchases")
    assert 'id="purchase-p1"' in page.text
    assert 'id="purchase-p2"' in page.text
    assert "Held for you until January 1, 2026 at 1:35 PM (America" in text_of(page)


async def test_what_was_interrupted_can_be_taken_up_again(
    ada: Browser, service: ScriptedService
) -> None:
    interrupted = {**PENDING, "sessionUrl": None, "expiresAt": None}
    service.will(MINE, listed())
    service.will(MINE_PENDING, listed(interrupted))
    service.will("GET /api/programs/choir", PROGRAM)
    page = await ada.open("/purchases")
    assert '<form method="post" action="/purchases/retry">' in page.text
    assert 'id="cancel-purchase"' in page.text


async def test_what_the_provider_still_weighs_is_left_alone(
    ada: Browser, service: ScriptedService
) -> None:
    service.will(MINE, listed())
    service.will(MINE_PENDING, listed({**PENDING, "sessionUrl": None}))
    service.will("GET /api/programs/choir", PROGRAM)
    page = await ada.open("/purchases")
    assert "There is nothing to do for you." in page.text
    assert 'id="cancel-purchase"' not in page.text


async def test_no_id_stands_twice_on_a_page_with_several(
    ada: Browser, service: ScriptedService
) -> None:
    service.will(MINE, listed())
    service.will(MINE_PENDING, listed(PENDING, {**PENDING, "id": "p2"}))
    service.will("GET /api/programs/choir", PROGRAM)
    page = await ada.open("/purchases")
    ids = re.findall(r' id="([^"]+)"', page.text)
    assert len(ids) == len(set(ids))
    assert {"cancel-purchase", "cancel-purchase-p2"} <= set(ids)


async def test_a_retired_program_leaves_its_purchase_in_universal_time(
    ada: Browser, service: ScriptedService
) -> None:
    service.will(ONE, PENDING)
    service.will_refuse(
        "GET /api/programs/choir", HTTPStatus.NOT_FOUND, "Program not found."
    )
    page = await ada.open("/purchase/cancel?purchase_id=p1")
    assert "2026 at 6:35 PM (UTC)" in text_of(page)


async def test_a_notice_in_nobody_elses_words(
    ada: Browser, service: ScriptedService
) -> None:
    service.will(MINE, listed())
    service.will(MINE_PENDING, listed())
    page = await ada.open("/purchases?notice=you+won")
    assert page.status_code == HTTPStatus.BAD_REQUEST


async def test_the_receipt_has_every_part(
    ada: Browser, service: ScriptedService
) -> None:
    refund = {"amount": 4500, "currency": "usd", "status": "done"}
    receipt = {**RECEIPT, "status": "refunded", "refunds": [refund]}
    service.will("GET /api/purchases/p1/receipt", receipt)
    text = text_of(await ada.open("/dashboard/purchase-receipt/p1"))
    assert "Order number ORD-20260101-ABCDEFGH12345678" in text
    assert "Date January 1, 2026 at 1:05 PM (America/New York)" in text
    assert "Buyer Ada Lovelace ada@example.org" in text
    assert "Payment method Visa ending in 4242" in text
    assert "Full price $100.00 Class-rep discount \N{MINUS SIGN}$40.00" in text
    assert "Refunds Paid back $45.00" in text


@pytest.mark.parametrize(
    ("total", "words"), [(0, "None was needed"), (4500, "Not known yet")]
)
async def test_a_receipt_without_a_payment_method_says_why(
    ada: Browser, service: ScriptedService, total: int, words: str
) -> None:
    quote = {**QUOTE, "total": total}
    receipt = {**RECEIPT, "quote": quote, "paymentMethod": None}
    service.will("GET /api/purchases/p1/receipt", receipt)
    text = text_of(await ada.open("/dashboard/purchase-receipt/p1"))
    assert f"Payment method {words}" in text


async def test_a_receipt_needs_its_buyer(
    browser: Browser, service: ScriptedService
) -> None:
    service.will_refuse(
        "GET /api/purchases/p1/receipt",
        HTTPStatus.UNAUTHORIZED,
        "Authentication required.",
    )
    answer = await browser.open("/dashboard/purchase-receipt/p1")
    assert answer.headers["Location"] == (
        "/sign-in?next=%2Fdashboard%2Fpurchase-receipt%2Fp1"
    )


async def test_an_unpaid_purchase_is_paid_with_a_new_page(
    ada: Browser, service: ScriptedService
) -> None:
    service.will(
        "POST /api/purchases/retry/p1", {"purchaseId": "p1", "sessionUrl": PAY_HERE}
    )
    answer = await ada.submit("/purchases/retry", purchase_id="p1")
    assert answer.headers["Location"] == PAY_HERE


@pytest.mark.parametrize("up", ["..", "%2e%2e", "%2e"])
async def test_an_id_cannot_climb_out_of_its_place(
    ada: Browser, service: ScriptedService, up: str
) -> None:
    answer = await ada.open(f"/purchase/cancel?purchase_id={up}")
    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert service.asked == []


async def test_a_slash_stays_inside_the_id(
    ada: Browser, service: ScriptedService
) -> None:
    service.will_refuse(
        "GET /api/purchases/a%2Fb", HTTPStatus.NOT_FOUND, "Purchase not found."
    )
    page = await ada.open("/purchase/cancel?purchase_id=a/b")
    assert "Purchase not found." in text_of(page)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ConnectError("nobody there"),
        httpx.ReadTimeout("too slow"),
        httpx.Response(502, text="<html>a proxy's own page</html>"),
        httpx.Response(200, json={"success": True, "data": {"half": "an answer"}}),
    ],
    ids=["refused", "timeout", "proxy", "half"],
)
async def test_a_service_in_trouble_gets_a_friendly_page(
    ada: Browser,
    service: ScriptedService,
    answer: httpx.Response | httpx.TransportError,
) -> None:
    service.will_answer("GET /api/programs", answer)
    page = await ada.open("/")
    assert page.status_code in {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE}
    assert '<form method="get" action="/">' in page.text
    assert "a proxy's own page" not in page.text


async def test_a_fault_of_our_own_is_owned_up_to(
    ada: Browser, service: ScriptedService
) -> None:
    weird = {**PURCHASE, "quote": {**QUOTE, "currency": "nonsense"}}
    service.will(ONE, weird)
    page = await ada.open("/purchase/success?purchase_id=p1")
    assert page.status_code == HTTPStatus.INTERNAL_SERVER_ERROR
    assert "The fault is ours." in text_of(page)
    assert "nonsense" not in page.text
    assert page.headers["Cache-Control"] == "no-store"


async def test_an_unknown_address_says_so_kindly(browser: Browser) -> None:
    page = await browser.open("/nowhere")
    assert page.status_code == HTTPStatus.NOT_FOUND
    assert "There is nothing here This address leads nowhere." in text_of(page)
