from collections.abc import AsyncIterator

import pytest

from tests.http.service import Http, Service


@pytest.fixture
def service() -> Service:
    service = Service()
    service.sell()
    return service


@pytest.fixture
async def http(service: Service) -> AsyncIterator[Http]:
    http = Http(service.app)
    async with http.client:
        yield http
