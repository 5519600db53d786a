"""Every adapter of a port, real or fake, is held to the same contract."""

from collections.abc import AsyncIterator

import pytest

from tests.contracts.storage import (
    IN_MEMORY,
    MONGO,
    MONGOMOCK,
    Storage,
    in_memory_storage,
    mongomock,
    real_mongo,
)


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
