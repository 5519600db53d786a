"""`python -m tests.screenshots [NAME…]`: start a demo and take a picture of each page.

Each page is taken as a desktop and as a phone see it; the receipt is printed as well.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, ViewportSize, async_playwright

from entrypoints.demo.options import DemoOptions
from tests.browser.conftest import FLAGS, chromium
from tests.browser.shopper import PATIENCE, Shopper
from tests.demo.running import on_free_ports, running_demo
from tests.screenshots.pages import NOBODY, PAGES, Page
from tests.screenshots.story import played

SIZES: Final[Mapping[str, ViewportSize]] = {
    "desktop": {"width": 1280, "height": 800},
    "phone": {"width": 390, "height": 844},
}
PRINTED: Final = "receipt"


def main(arguments: Sequence[str] | None = None) -> int:
    """Take the pictures and say where they are."""
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots")
    parser.add_argument("names", nargs="*", choices=[[], *(p.name for p in PAGES)])
    parser.add_argument("--to", type=Path, default=Path("build/screenshots"))
    parser.add_argument("--whole", action="store_true", help="below the fold as well")
    asked = parser.parse_args(arguments)
    asked.to.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        options = on_free_ports(Path(folder) / "demo")
        with running_demo(options):
            camera = Camera(options, to=asked.to, whole=asked.whole)
            asyncio.run(camera.take(asked.names))
    return 0


class Camera:
    def __init__(self, demo: DemoOptions, *, to: Path, whole: bool) -> None:
        self._demo = demo
        self._to = to
        self._whole = whole

    async def take(self, names: Collection[str]) -> None:
        """Play the story, then take the pictures of these names, or of all."""
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=chromium(), args=FLAGS, headless=True
            )
            people = {
                who: await Shopper.signed_in(browser, self._demo, who)
                for who in ("ada", "grace", "admin")
            }
            left = await played(people)
            people[NOBODY] = await self._nobody(browser)
            for page in PAGES:
                if not names or page.name in names:
                    await self._take(page, people[page.who], left)
            await browser.close()

    async def _take(self, page: Page, who: Shopper, left: Mapping[str, str]) -> None:
        for size, viewport in SIZES.items():
            await who.page.set_viewport_size(viewport)
            await who.open(page.path.format_map(left))
            picture = self._to / f"{page.name}-{size}.png"
            await who.page.screenshot(path=picture, full_page=self._whole)
            sys.stdout.write(f"{picture}\n")
        if page.name == PRINTED:
            await who.page.pdf(path=self._to / f"{page.name}.pdf", format="A4")

    async def _nobody(self, browser: Browser) -> Shopper:
        context = await browser.new_context()
        context.set_default_timeout(PATIENCE)
        return Shopper(await context.new_page(), self._demo)


if __name__ == "__main__":
    sys.exit(main())
