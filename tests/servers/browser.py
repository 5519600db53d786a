"""Debian's Chromium, without a window, for tests marked `browser`."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Page, async_playwright

from tests.requirements import require_tool


@asynccontextmanager
async def browser_page() -> AsyncIterator[Page]:
    """Open one page, as wide as a phone, in a browser that remembers nothing."""
    found = shutil.which("chromium") or "/usr/bin/chromium"
    executable = require_tool(Path(found), fetch="apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=str(executable), args=["--no-sandbox"]
        )
        try:
            yield await browser.new_page(viewport={"width": 390, "height": 844})
        finally:
            await browser.close()
