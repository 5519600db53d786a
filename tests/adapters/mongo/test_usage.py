import pymongo
import pytest

from adapters.mongo.usage import MongoStorageUsage
from application.ports.storage import StorageUnavailable
from tests.adapters.mongo.conftest import Fail, Mongo
from tests.contracts.examples import purchase


async def test_what_is_stored_and_what_finds_it_is_counted(mongo: Mongo) -> None:
    usage = MongoStorageUsage(client=mongo.client, database=mongo.database.name)
    before = await usage.used()
    await mongo.purchases.add(purchase())

    stats = await mongo.database.command("dbStats")
    assert await usage.used() == stats["dataSize"] + stats["indexSize"]
    assert await usage.used() > before


async def test_a_server_in_trouble_does_not_say_how_full_it_is(
    mongo: Mongo, fail: Fail
) -> None:
    usage = MongoStorageUsage(client=mongo.client, database=mongo.database.name)
    await fail("alwaysOn", failCommands=["dbStats"], errorCode=8000)

    with pytest.raises(StorageUnavailable), pymongo.timeout(1):
        await usage.used()
