"""Somebody with a browser of their own, who may touch only what a page shows."""

import re
from dataclasses import dataclass
from typing import Self

from playwright.async_api import Browser, Locator, Page, expect

from entrypoints.demo.options import DemoOptions

PATIENCE = 30_000  # milliseconds, for one page
LEFT = re.compile(r"(\d+) of \d+ class-rep spots left")


@dataclass(frozen=True, slots=True)
class Shopper:
    page: Page
    demo: DemoOptions

    @classmethod
    async def signed_in(cls, browser: Browser, demo: DemoOptions, who: str) -> Self:
        context = await browser.new_context()
        context.set_default_timeout(PATIENCE)
        return await cls(await context.new_page(), demo).as_(who)

    async def as_(self, who: str) -> Self:
        """Sign in, and return the same shopper."""
        await self.open("/sign-in")
        await self.press(f"sign-in-{who}")
        await self.reads("signed-in-as", who.title())
        return self

    async def open(self, path: str) -> None:
        await self.page.goto(f"{self.demo.shop_url}{path}")

    async def press(self, element: str) -> None:
        await self.page.locator(f"#{element}").click()

    async def reads(self, element: str, text: str) -> None:
        await expect(self.see(element)).to_contain_text(text, timeout=PATIENCE)

    async def is_at(self, path: str) -> None:
        address = re.compile(f"^{re.escape(self.demo.shop_url + path)}")
        await expect(self.page).to_have_url(address, timeout=PATIENCE)

    async def is_at_payment(self) -> None:
        address = re.compile(f"^{re.escape(self.demo.simulator_url)}/")
        await expect(self.page).to_have_url(address, timeout=PATIENCE)

    async def choose(self, program: str, place: str) -> None:
        """Go through the shop's front page, as a visitor does."""
        await self.open("/")
        await self.page.locator(f"#program-{program} h2 a").click()
        await self.press(f"buy-{place}")

    async def spots_left(self, program: str) -> int:
        await self.open("/")
        spots = self.page.locator(f"#program-{program} .spots")
        found = LEFT.search(await spots.inner_text())
        assert found is not None
        return int(found[1])

    def see(self, element: str) -> Locator:
        return self.page.locator(f"#{element}")
