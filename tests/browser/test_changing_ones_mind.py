"""Another choice, and the money back, in a browser that runs no script at all.

It leaves nothing behind: what Grace buys here she gives back, so the other tests of the
room find her and the program as they were.
"""

from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, Request, expect

from tests.browser.shopper import PATIENCE, Shopper
from tests.demo.running import RunningDemo
from tests.waiting import eventually

pytestmark = pytest.mark.browser

PROGRAM = "emba-mentor-circles"


class Watched:
    """Remembers what a page fetched, and what its policy kept it from."""

    def __init__(self, page: Page) -> None:
        self.hosts: set[str] = set()
        self.violations: list[str] = []
        page.on("request", self._fetched)
        page.on("console", self._said)

    def _fetched(self, request: Request) -> None:
        self.hosts.add(urlsplit(request.url).netloc)

    def _said(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.violations.append(message.text)


@pytest.fixture
async def grace(browser: Browser, demo: RunningDemo) -> Shopper:
    """Grace with scripts switched off."""
    context = await browser.new_context(java_script_enabled=False)
    context.set_default_timeout(PATIENCE)
    return await Shopper(await context.new_page(), demo.options).as_("grace")


async def test_a_choice_is_changed_paid_printed_and_given_back(grace: Shopper) -> None:
    watched = Watched(grace.page)
    before = await grace.spots_left(PROGRAM)
    await _change_to_class_rep(grace)
    await grace.reads("amount", "159.00")
    await grace.press("pay")
    await grace.reads("status", "Completed")
    assert await grace.spots_left(PROGRAM) == before - 1
    await _print_the_receipt(grace)
    await _give_back(grace)

    async def the_spot_is_back() -> bool:
        return await grace.spots_left(PROGRAM) == before

    await eventually(the_spot_is_back, within=30)
    assert watched.violations == []
    ours = {urlsplit(grace.demo.shop_url).netloc}
    assert watched.hosts == ours | {urlsplit(grace.demo.simulator_url).netloc}


async def _change_to_class_rep(grace: Shopper) -> None:
    await grace.choose(PROGRAM, "regular")
    await grace.press("back")
    await grace.is_at("/purchase/cancel")
    await grace.press("change-choice")
    await grace.is_at(f"/programs/{PROGRAM}")
    await grace.reads("open-checkout", "Regular place for $259.00")
    await grace.reads("effect-class-rep", "Your open regular place is closed first.")
    await expect(grace.see("buy-regular")).to_have_count(0)
    await grace.press("buy-class-rep")
    await grace.is_at_payment()


async def _print_the_receipt(grace: Shopper) -> None:
    await grace.open("/purchases")
    await grace.page.get_by_role("link", name="Receipt for EMBA").click()
    await grace.is_at("/dashboard/purchase-receipt/")
    printed = await grace.page.pdf(format="A4")
    assert b"/Count 1" in printed  # pages
    await grace.page.emulate_media(media="print")
    await expect(grace.page.locator("nav")).to_be_hidden()
    await expect(grace.page.locator(".receipt .total")).to_be_visible()
    await grace.page.emulate_media(media="screen")


async def _give_back(grace: Shopper) -> None:
    await grace.page.get_by_role("link", name="Give it back").click()
    await grace.reads("amount", "$159.00")
    await grace.reads("deadline", "(America/Los Angeles)")
    await grace.reads("effect", "You keep your access until the money has gone back.")
    await grace.press("confirm-refund")
    await expect(grace.page.locator("h1")).to_have_text("Your refund")
    await grace.reads("refunds", "$159.00")
