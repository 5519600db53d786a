"""A program's page while its visitor has a checkout of it open."""

import pytest

from tests.storefront.browsing import Browser, text_of
from tests.storefront.scripted_service import (
    PAY_HERE,
    PENDING,
    PROGRAM,
    QUOTE,
    JsonObject,
    ScriptedService,
    listed,
)

REGULAR: JsonObject = {**PENDING, "quote": {**QUOTE, "isClassRep": False}}


@pytest.fixture
def service() -> ScriptedService:
    service = ScriptedService()
    service.will("GET /api/programs/choir", PROGRAM)
    service.will(
        "GET /api/purchases/check-access/choir",
        {"hasAccess": False, "reason": "not_purchased"},
    )
    return service


async def page_with(
    ada: Browser, service: ScriptedService, *pending: JsonObject
) -> str:
    service.will("GET /api/purchases/my-pending-purchases", listed(*pending))
    return (await ada.open("/programs/choir")).text


async def test_without_one_there_is_nothing_to_change(
    ada: Browser, service: ScriptedService
) -> None:
    page = await page_with(ada, service, {**PENDING, "programId": "other"})
    assert "open-checkout" not in page
    assert "Change to this place" not in page


async def test_an_open_one_may_be_carried_on_let_go_or_changed(
    ada: Browser, service: ScriptedService
) -> None:
    page = await page_with(ada, service, PENDING)
    assert f'id="continue-payment" href="{PAY_HERE}"' in page
    assert 'id="cancel-purchase"' in page
    assert 'id="buy-regular"' in page
    assert 'id="buy-class-rep"' not in page  # it is the one that is open


async def test_what_becomes_of_the_open_one_is_said_first(
    ada: Browser, service: ScriptedService
) -> None:
    await page_with(ada, service, PENDING)
    text = text_of(await ada.open("/programs/choir"))
    assert "held for you at this price until January 1, 2026 at 1:35 PM" in text
    assert "Your open class-rep place is closed first. Its spot goes to others" in text


async def test_a_spot_that_may_be_gone_is_said_as_well(
    ada: Browser, service: ScriptedService
) -> None:
    await page_with(ada, service, REGULAR)
    text = text_of(await ada.open("/programs/choir"))
    assert "Your open regular place is closed first." in text
    assert "Should no spot be left by then, it stays open." in text


async def test_what_is_being_settled_cannot_be_changed(
    ada: Browser, service: ScriptedService
) -> None:
    page = await page_with(ada, service, {**PENDING, "sessionUrl": None})
    assert "Your payment is being checked" in page
    assert 'id="buy-' not in page
    assert 'id="cancel-purchase"' not in page


async def test_what_was_interrupted_is_taken_up_again(
    ada: Browser, service: ScriptedService
) -> None:
    broken = {**PENDING, "sessionUrl": None, "expiresAt": None}
    page = await page_with(ada, service, broken)
    assert '<form method="post" action="/purchases/retry">' in page
    assert 'id="buy-regular"' in page


async def test_paused_sales_leave_what_was_begun(
    ada: Browser, service: ScriptedService
) -> None:
    service.will("GET /api/programs/choir", {**PROGRAM, "salesPaused": True})
    page = await page_with(ada, service, PENDING)
    assert "Sales of this program are paused" in page
    assert "may still be paid" in page
    assert 'id="continue-payment"' in page
    assert 'id="buy-' not in page


async def test_paused_sales_have_no_button(
    browser: Browser, service: ScriptedService
) -> None:
    service.will("GET /api/programs/choir", {**PROGRAM, "salesPaused": True})
    page = (await browser.open("/programs/choir")).text
    assert "Sales of this program are paused" in page
    assert 'id="buy-' not in page
