from collections.abc import AsyncIterator
from functools import partial

import httpx
import pytest
from litestar import Litestar, get
from litestar.testing import AsyncTestClient

from entrypoints.http.headers import is_for_us
from entrypoints.storefront.app import create_storefront
from entrypoints.storefront.beside import StorefrontBeside
from entrypoints.storefront.config import StorefrontConfig
from tests.storefront.scripted_service import ScriptedService


@get(["/api/programs/{program_id:str}", "/schema", "/apiary"])
async def the_services_own() -> str:
    return "the service"


@pytest.fixture
async def both(
    config: StorefrontConfig, service: ScriptedService
) -> AsyncIterator[httpx.AsyncClient]:
    pages = create_storefront(config, transport=httpx.MockTransport(service))
    beside = StorefrontBeside(
        service=Litestar([the_services_own], openapi_config=None), pages=pages
    )
    async with AsyncTestClient(beside, base_url="http://shop.test") as client:
        yield client


@pytest.mark.parametrize("path", ["/api/programs/choir", "/schema"])
async def test_the_service_keeps_its_paths(both: httpx.AsyncClient, path: str) -> None:
    assert (await both.get(path)).text == "the service"


@pytest.mark.parametrize("path", ["/apiary", "/apis/programs", "/schemas"])
async def test_all_the_rest_is_the_shops(both: httpx.AsyncClient, path: str) -> None:
    assert "There is nothing here" in (await both.get(path)).text


async def test_an_unknown_path_of_the_service_is_not_the_shops(
    both: httpx.AsyncClient,
) -> None:
    assert "There is nothing here" not in (await both.get("/api/nothing")).text


async def test_another_host_is_refused_by_the_service(
    config: StorefrontConfig, service: ScriptedService
) -> None:
    pages = create_storefront(config, transport=httpx.MockTransport(service))
    beside = StorefrontBeside(
        service=Litestar([the_services_own], openapi_config=None),
        pages=pages,
        is_for_us=partial(is_for_us, {"shop.test"}),
    )
    async with AsyncTestClient(beside, base_url="http://evil.test") as client:
        assert "There is nothing here" not in (await client.get("/schemas")).text
