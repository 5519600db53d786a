"""The whole way of a buyer through the demo, in Debian's Chromium.

Every test has a program and a person of its own, because they share one demo and run in
any order.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, expect

from entrypoints.demo.options import DemoOptions
from tests.browser.shopper import PATIENCE, Shopper
from tests.demo.running import RunningDemo
from tests.waiting import eventually

pytestmark = pytest.mark.browser

# The texts that take up more lines than they have words.
BROKEN_WORDS = """elements => elements.map(element => {
    const range = document.createRange();
    range.selectNodeContents(element);
    const lines = new Set([...range.getClientRects()].map(box => box.top)).size;
    return lines > element.innerText.split(/ +/).length ? element.innerText : null;
}).filter(text => text !== null)"""


async def test_a_class_rep_place_is_paid_receipted_and_confirmed_by_mail(
    ada: Shopper, grace: Shopper
) -> None:
    await ada.choose("emba-mentor-circles", "class-rep")
    await ada.is_at_payment()
    await ada.reads("amount", "159.00")
    await ada.press("pay")
    await ada.is_at("/purchase/success")
    await ada.reads("status", "Completed")
    order_number = await ada.see("order-number").inner_text()
    await ada.press("receipt")
    await ada.is_at("/dashboard/purchase-receipt/")
    await ada.reads("order-number", order_number)
    await expect(ada.page.locator(".receipt .total")).to_contain_text("$159.00")
    receipt = ada.page.url

    mail = await mail_about(order_number, ada.demo)
    assert mail["To"][0]["Address"] == "ada@example.org"
    assert receipt in mail["Text"]
    await ada.page.goto(ada.demo.inbox_url)
    await ada.page.get_by_role("link", name=order_number).click()
    await expect(ada.page.locator("body")).to_contain_text("ada@example.org")

    await grace.page.goto(receipt)
    await grace.reads("refusal", "Purchase not found")


async def test_back_and_cancel_gives_the_spot_back(grace: Shopper) -> None:
    await grace.choose("emba-mentor-circles", "class-rep")
    await grace.is_at_payment()
    await grace.press("back")
    await grace.is_at("/purchase/cancel")
    await grace.reads("status", "Waiting for payment")
    held = await grace.spots_left("emba-mentor-circles")

    await grace.press("my-purchases")
    await grace.press("continue-payment")
    await grace.is_at_payment()
    await grace.press("back")
    await grace.press("cancel-purchase")
    await grace.is_at("/purchases")
    await grace.reads("notice", "cancelled. Nothing was charged")
    assert await grace.spots_left("emba-mentor-circles") == held + 1


async def test_a_payment_that_takes_its_time_is_waited_for(ada: Shopper) -> None:
    await ada.choose("effective-communication", "regular")
    await ada.press("pay-later")
    payment = ada.page.url
    await ada.press("continue")
    await ada.is_at("/purchase/success")
    await expect(ada.page.locator("h1")).to_have_text("Your payment is being checked")
    await ada.reads("status", "Waiting for payment")
    await expect(ada.see("receipt")).to_have_count(0)

    at_the_bank = await ada.page.context.new_page()
    async with webhooks_paused(ada.demo):
        await at_the_bank.goto(payment)
        await at_the_bank.locator("#clear").click()
        await ada.reads("status", "Completed")  # without a click: the page looks again


async def test_the_success_page_is_right_before_any_webhook(grace: Shopper) -> None:
    async with webhooks_paused(grace.demo):
        await grace.choose("effective-communication", "class-rep")
        await grace.press("pay")
        await grace.is_at("/purchase/success")
        await grace.reads("status", "Completed")
        await expect(grace.see("receipt")).to_be_visible(timeout=PATIENCE)


async def test_discounts_may_leave_nothing_to_pay(ada: Shopper) -> None:
    await ada.choose("marketplace-incubator", "class-rep")
    await ada.is_at("/purchase/success")
    await ada.reads("status", "Completed")
    await ada.press("receipt")
    await ada.reads("payment-method", "None was needed")


async def test_a_second_buyer_buys_for_themself(grace: Shopper) -> None:
    await grace.choose("marketplace-incubator", "regular")
    await grace.is_at_payment()
    await grace.press("pay")
    await grace.reads("status", "Completed")
    await grace.open("/programs/marketplace-incubator")
    await grace.reads("status", "You have a place in this program.")


async def test_a_declined_card_leaves_the_page_open(ada: Shopper) -> None:
    await ada.open("/sign-in")
    await ada.press("sign-in-admin")
    await ada.choose("effective-communication", "regular")
    await ada.press("decline")
    await ada.reads("message", "declined")
    await ada.press("pay")
    await ada.reads("status", "Completed")


async def test_nothing_on_a_page_needs_a_script(ada: Shopper) -> None:
    for path in ("/", "/programs/emba-mentor-circles", "/sign-in", "/purchases"):
        await ada.open(path)
        assert await ada.page.locator("script").count() == 0
        assert await ada.page.locator("h1").count() == 1


async def test_a_phone_shows_whole_words_and_never_scrolls_sideways(
    browser: Browser, demo: RunningDemo
) -> None:
    admin = await Shopper.signed_in(browser, demo.options, "admin")
    await admin.page.set_viewport_size({"width": 360, "height": 740})
    await admin.choose("emba-mentor-circles", "regular")
    await admin.press("pay")
    await admin.reads("status", "Completed")
    assert await admin.page.locator("dt").evaluate_all(BROKEN_WORDS) == []

    mail = await mail_about(await admin.see("order-number").inner_text(), admin.demo)
    for page in ("/", f"/mails/{mail['ID']}"):
        await admin.page.goto(f"{admin.demo.inbox_url}{page}")
        assert await admin.page.evaluate("document.documentElement.scrollWidth") == 360


async def mail_about(order_number: str, demo: DemoOptions) -> dict[str, Any]:
    """Return the mail that names an order, once it has arrived."""
    async with httpx.AsyncClient(base_url=f"{demo.inbox_url}/api/v1") as inbox:

        async def arrived() -> dict[str, Any] | None:
            for mail in (await inbox.get("/messages")).json()["messages"]:
                whole = (await inbox.get(f"/message/{mail['ID']}")).json()
                if order_number in whole["Text"]:
                    return dict(whole)
            return None

        mail = await eventually(arrived, within=30)
    assert mail is not None
    return mail


@asynccontextmanager
async def webhooks_paused(demo: DemoOptions) -> AsyncIterator[None]:
    async with httpx.AsyncClient(base_url=demo.simulator_url) as simulator:
        paused = await simulator.post("/_simulator/webhooks", json={"paused": True})
        paused.raise_for_status()
        try:
            yield
        finally:
            await simulator.post("/_simulator/webhooks", json={"paused": False})
