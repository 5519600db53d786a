"""One demo for all tests of this room, and a fresh browser for each."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from tests.browser.shopper import Shopper
from tests.demo.running import RunningDemo, on_free_ports, running_demo
from tests.requirements import require_tool

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> Path:
    return require_tool(CHROMIUM, fetch="apt-get install chromium")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    chromium()  # before anything starts for nothing
    options = on_free_ports(tmp_path_factory.mktemp("browser") / "demo")
    with running_demo(options) as running:
        yield running


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium(), args=FLAGS, headless=True
        )
        try:
            yield browser
        finally:
            await browser.close()


@pytest.fixture
async def ada(browser: Browser, demo: RunningDemo) -> Shopper:
    return await Shopper.signed_in(browser, demo.options, "ada")


@pytest.fixture
async def grace(browser: Browser, demo: RunningDemo) -> Shopper:
    return await Shopper.signed_in(browser, demo.options, "grace")
