from collections.abc import AsyncIterator, Iterator

import pytest

from tests.canaries import leaks
from tests.http.logs import logging_to_memory
from tests.http.service import Http, Service


@pytest.fixture(autouse=True)
def _no_log_tells() -> Iterator[None]:
    """Log as in production, and more; no test may leave a secret or a person in it."""
    with logging_to_memory("DEBUG", "json") as log:
        yield
    assert list(leaks(log.text)) == []


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
