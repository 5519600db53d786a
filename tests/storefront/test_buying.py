import json
from http import HTTPStatus

import pytest

from tests.storefront.browsing import Browser, text_of
from tests.storefront.scripted_service import PAY_HERE, ScriptedService

CREATE = "POST /api/purchases/create-checkout-session"
BUY = "/programs/choir/buy"


@pytest.mark.parametrize(
    ("choice", "is_class_rep"), [("regular", False), ("class-rep", True)]
)
async def test_the_button_leads_to_the_payment_page(
    ada: Browser, service: ScriptedService, choice: str, *, is_class_rep: bool
) -> None:
    service.will(CREATE, {"purchaseId": "p1", "sessionUrl": PAY_HERE})
    answer = await ada.submit(BUY, choice=choice)
    assert (answer.status_code, answer.headers["Location"]) == (303, PAY_HERE)
    asked = service.asked[-1]
    assert json.loads(asked.content) == {
        "programId": "choir",
        "isClassRep": is_class_rep,
    }
    assert asked.headers["Authorization"].startswith("Bearer ey")


async def test_a_place_that_costs_nothing_is_shown_at_once(
    ada: Browser, service: ScriptedService
) -> None:
    service.will(CREATE, {"purchaseId": "p1", "sessionUrl": None, "isFree": True})
    answer = await ada.submit(BUY, choice="class-rep")
    assert answer.status_code == HTTPStatus.SEE_OTHER
    assert answer.headers["Location"] == "/purchase/success?purchase_id=p1"


REFUSALS = [
    (400, "already_purchased", "You have already purchased this program."),
    (400, "program_is_free", "This program is free."),
    (404, "program_not_found", "Program not found."),
    (409, "class_rep_limit_reached", "Class Representative limit has been reached."),
    (409, "payment_under_way", "Your payment is on its way."),
    (409, "checkout_closed", "This checkout was closed meanwhile."),
    (422, "below_minimum_charge", "The total is below the smallest charge."),
    (429, "rate_limited", "Too many requests; please wait."),
    (500, "internal_error", "Something went wrong on our side."),
    (502, "payment_refused", "Stripe refused."),
    (503, "lock_timeout", "Purchase operation in progress, please wait."),
]


@pytest.mark.parametrize(("status", "code", "detail"), REFUSALS)
async def test_every_refusal_is_shown_in_the_services_words(
    ada: Browser, service: ScriptedService, status: int, code: str, detail: str
) -> None:
    service.will_refuse(CREATE, HTTPStatus(status), detail, code=code)
    page = await ada.submit(BUY, choice="regular")
    assert page.status_code == status
    assert detail in text_of(page)
    assert ('id="try-again"' in page.text) == (status in {429, 502, 503})


async def test_trying_again_sends_the_same_choice(
    ada: Browser, service: ScriptedService
) -> None:
    service.will_refuse(CREATE, HTTPStatus.SERVICE_UNAVAILABLE, "Wait.", retry_after=1)
    page = await ada.submit(BUY, choice="class-rep")
    assert f'<form method="post" action="{BUY}">' in page.text
    assert '<input type="hidden" name="choice" value="class-rep">' in page.text
    assert "Please wait 1 second before you try again." in text_of(page)


async def test_a_long_wait_has_no_button_but_a_way_back(
    ada: Browser, service: ScriptedService
) -> None:
    service.will_refuse(
        CREATE,
        HTTPStatus.TOO_MANY_REQUESTS,
        "You have left several class-rep checkouts unpaid.",
        code="class_rep_cool_down",
        retry_after=2400,
    )
    page = await ada.submit(BUY, choice="class-rep")
    text = text_of(page)
    assert "A break from class-rep checkouts You have left several" in text
    assert "Please wait 40 minutes before you try again." in text
    assert 'id="try-again"' not in page.text
    assert 'href="/programs/choir">Back to the program' in page.text


async def test_nobody_buys_without_signing_in(
    browser: Browser, service: ScriptedService
) -> None:
    service.will_refuse(CREATE, HTTPStatus.UNAUTHORIZED, "Authentication required.")
    answer = await browser.submit(BUY, choice="regular")
    assert answer.status_code == HTTPStatus.SEE_OTHER
    assert answer.headers["Location"] == "/sign-in?next=%2Fprograms%2Fchoir"
    assert "Authorization" not in service.asked[-1].headers
