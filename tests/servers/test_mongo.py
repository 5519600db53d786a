from typing import Any

import pytest
from pymongo import AsyncMongoClient


@pytest.mark.parametrize("attempt", [1, 2])
async def test_each_test_has_a_database_of_its_own(
    attempt: int, mongo_uri: str, database_name: str
) -> None:
    async with AsyncMongoClient[dict[str, Any]](mongo_uri) as client:
        things = client[database_name]["things"]
        await things.insert_one({"_id": 1, "attempt": attempt})
        assert await things.count_documents({}) == 1
