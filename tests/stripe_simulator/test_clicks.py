"""A browser clicks through the payment page."""

from collections.abc import AsyncIterator

import pytest
import stripe
from playwright.async_api import Page, expect

from tests.servers.browser import browser_page
from tests.servers.stripe_simulator import RunningSimulator
from tests.stripe_simulator.checkouts import open_checkout

pytestmark = pytest.mark.browser


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with browser_page() as opened:
        yield opened


async def opened_page(
    page: Page, client: stripe.StripeClient, simulator: RunningSimulator
) -> str:
    """Open a checkout and its page; the simulator's own list stands in for the shop."""
    session = await open_checkout(
        client,
        success_url=f"{simulator.url}/?paid={{CHECKOUT_SESSION_ID}}",
        cancel_url=f"{simulator.url}/?back",
    )
    await page.goto(str(session.url))
    return session.id


async def test_a_click_pays_and_leads_to_the_shop(
    page: Page, client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    session_id = await opened_page(page, client, simulator)
    await expect(page.get_by_role("note")).to_contain_text("This is not Stripe")

    await page.fill("#name", "Ada Lovelace")
    await page.click("#pay")

    await page.wait_for_url(f"{simulator.url}/?paid={session_id}")
    session = await client.v1.checkout.sessions.retrieve_async(session_id)
    assert session.payment_status == "paid"
    assert session.to_dict()["customer_details"]["name"] == "Ada Lovelace"


async def test_a_declined_click_stays_and_can_go_back(
    page: Page, client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    await opened_page(page, client, simulator)

    await page.click("#decline")
    await expect(page.locator("#message")).to_have_text("Your card was declined.")
    await page.click("#back")

    await page.wait_for_url(f"{simulator.url}/?back")


async def test_a_later_payment_is_cleared_by_a_click(
    page: Page, client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    session_id = await opened_page(page, client, simulator)

    await page.click("#pay-later")
    await page.click("#clear")
    await page.click("#continue")

    await page.wait_for_url(f"{simulator.url}/?paid={session_id}")
    session = await client.v1.checkout.sessions.retrieve_async(session_id)
    assert session.payment_status == "paid"


async def test_the_page_fits_a_phone(
    page: Page, client: stripe.StripeClient, simulator: RunningSimulator
) -> None:
    await opened_page(page, client, simulator)

    width = await page.evaluate("document.documentElement.scrollWidth")

    assert width <= 390
