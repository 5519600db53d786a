from collections.abc import AsyncIterator

import httpx
import pytest
from litestar import Litestar, get
from litestar.testing import AsyncTestClient
from pydantic import SecretStr

from entrypoints.settings import Environment, Settings
from entrypoints.storefront.app import create_storefront
from entrypoints.storefront.beside import StorefrontBeside, storefront_config
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


def settings_with(**changes: object) -> Settings:
    known: dict[str, object] = {
        "frontend_url": "http://127.0.0.1:8000",
        "jwt_secret": SecretStr("s" * 32),
        "port": 8000,
        "smtp_url": SecretStr("smtp://127.0.0.1:1025"),
        "stripe_api_base": "http://127.0.0.1:12111",
        "stripe_secret_key": SecretStr("sk_test_1"),
        "stripe_webhook_secret": (SecretStr("whsec_1"),),
    }
    return Settings.model_validate({**known, **changes})


def test_the_shop_asks_the_service_beside_it() -> None:
    config = storefront_config(settings_with(port=8123), inbox_url=None)
    assert config.api_url == "http://127.0.0.1:8123/api"
    assert config.payment_origin == "http://127.0.0.1:12111"


@pytest.mark.parametrize(
    "changes",
    [
        {"app_env": Environment.PRODUCTION, "allowed_hosts": ("shop.example",)},
        {
            "jwt_algorithm": "RS256",
            "jwt_jwks_url": "https://id.example/keys",
            "jwt_secret": None,
        },
    ],
    ids=["production", "published keys"],
)
def test_a_shop_that_signs_tokens_is_for_demos(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="for demos"):
        storefront_config(settings_with(**changes), inbox_url=None)
