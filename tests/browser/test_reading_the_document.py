"""The OpenAPI document as Chromium shows it, with nothing but the service to ask."""

from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, expect

from tests.browser.shopper import PATIENCE
from tests.demo.running import RunningDemo

pytestmark = pytest.mark.browser


async def test_the_page_of_the_document_is_drawn_from_our_origin_alone(
    browser: Browser, demo: RunningDemo
) -> None:
    page = await browser.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(error.message))

    await page.goto(f"{demo.options.shop_url}/schema")
    operation = page.locator(".opblock", has_text="/api/programs/{program_id}").first
    await operation.locator(".opblock-summary-control").click()
    await operation.get_by_role("button", name="Try it out").click(timeout=PATIENCE)

    await expect(operation.get_by_placeholder("program_id")).to_be_visible()
    home = urlsplit(demo.options.shop_url).netloc
    assert {urlsplit(url).netloc for url in asked if "data:" not in url} == {home}
    assert complaints == []
