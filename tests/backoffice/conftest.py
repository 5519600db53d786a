from collections.abc import AsyncIterator

import httpx
import pytest
from litestar.testing import AsyncTestClient

from entrypoints.storefront.app import create_storefront
from entrypoints.storefront.config import StorefrontConfig
from tests.storefront.browsing import Browser
from tests.storefront.scripted_service import ScriptedService
from tests.storefront.worlds import shop


@pytest.fixture
def config() -> StorefrontConfig:
    return shop()


@pytest.fixture
def service() -> ScriptedService:
    return ScriptedService()


@pytest.fixture
async def browser(
    config: StorefrontConfig, service: ScriptedService
) -> AsyncIterator[Browser]:
    """Somebody in front of the pages, not signed in."""
    pages = create_storefront(config, transport=httpx.MockTransport(service))
    async with AsyncTestClient(pages, base_url="http://shop.test") as client:
        client.follow_redirects = False
        yield Browser(client)


@pytest.fixture
async def admin(browser: Browser) -> Browser:
    """The same somebody, signed in as the admin."""
    await browser.sign_in("admin")
    return browser
