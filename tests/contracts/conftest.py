"""Every adapter of a port, real or fake, is held to the same contract."""

from collections.abc import AsyncIterator

import pytest

from adapters.in_memory.locks import InMemoryKeyedLock
from application.ports.locks import KeyedLock
from tests.contracts.storage import (
    IN_MEMORY,
    MONGO,
    MONGOMOCK,
    Storage,
    in_memory_storage,
    mongomock,
    real_mongo,
)
from tests.servers.redis import RedisServer, redis_lock


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "storage" in metafunc.fixturenames:
        kinds = [IN_MEMORY, MONGO]
        if not hasattr(metafunc.function, "beyond_mongomock"):
            kinds.append(MONGOMOCK)
        metafunc.parametrize("storage", kinds, indirect=True)


@pytest.fixture
async def storage(request: pytest.FixtureRequest) -> AsyncIterator[Storage]:
    match request.param:
        case "in_memory":
            yield in_memory_storage()
        case "mongo":
            uri = request.getfixturevalue("mongo_uri")
            name = request.getfixturevalue("database_name")
            async with real_mongo(uri, name) as real:
                yield real
        case _:
            async with mongomock() as mock:
                yield mock


@pytest.fixture(params=["in memory", "redis"])
async def locks(request: pytest.FixtureRequest) -> AsyncIterator[KeyedLock]:
    if request.param == "in memory":
        yield InMemoryKeyedLock()
        return
    server: RedisServer = request.getfixturevalue("shared_redis")
    await server.ready()
    async with redis_lock(server.url) as lock:
        yield lock
