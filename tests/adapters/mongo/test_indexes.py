"""Without the indexes that guard the rules, nothing starts."""

import json
import re
from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import InvalidOperation

from adapters.mongo.connection import Client, MongoHealth, connected, mongo_client
from adapters.mongo.indexes import INDEXES, IndexesDiffer
from application.ports.health import StorageUnfit
from tests.adapters.mongo.conftest import Mongo, Trips
from tests.contracts.examples import GRACE, purchase
from tests.contracts.storage import UNHURRIED

# What an earlier version asks for and nothing reads any more stays until somebody drops
# it, and a name stands for its keys for ever.
LEFT_BEHIND = {"purchases": {"by_program", "live_by_program"}}
NAMES = [
    (collection, index.document["name"])
    for collection, indexes in INDEXES.items()
    for index in indexes
]


async def start(uri: str, database: str, *, creates: bool = True) -> list[str]:
    """Start and stop; return the commands that this took."""
    trips = Trips()
    client = mongo_client(uri, patience=UNHURRIED, listeners=[trips])
    async with connected(client, database=database, creates_indexes=creates):
        pass
    return trips.commands


async def refusal(uri: str, database: str, *, creates: bool = True) -> IndexesDiffer:
    with pytest.raises(IndexesDiffer) as refused:
        await start(uri, database, creates=creates)
    return refused.value


async def listed(database: AsyncDatabase[Any], collection: str) -> list[Any]:
    return await (await database[collection].list_indexes()).to_list()


async def obey(database: AsyncDatabase[Any], commands: list[str]) -> None:
    """Do what the refusal says should be done in mongosh."""
    for command in commands:
        if drop := re.fullmatch(r'db\.(\w+)\.dropIndex\("(\w+)"\);', command):
            await database[drop[1]].drop_index(drop[2])
            continue
        create = re.fullmatch(r"db\.(\w+)\.createIndex\((.*)\);", command)
        assert create is not None
        keys, options = json.loads(f"[{create[2]}]")
        await database[create[1]].create_index(list(keys.items()), **options)


async def test_the_first_start_creates_and_the_second_does_not(
    mongo_uri: str, database_name: str
) -> None:
    assert "createIndexes" in await start(mongo_uri, database_name)
    assert "createIndexes" not in await start(mongo_uri, database_name)


async def test_a_start_that_may_not_create_asks_for_it(
    mongo_uri: str, database_name: str
) -> None:
    refused = await refusal(mongo_uri, database_name, creates=False)

    assert "one_live_purchase of purchases" in str(refused)
    assert (
        'db.purchases.createIndex({"user_id": 1, "program_id": 1}, {"name":'
        ' "one_live_purchase", "unique": true, "partialFilterExpression":'
        ' {"live": true}});'
    ) in str(refused)


@pytest.mark.parametrize(("collection", "name"), NAMES)
async def test_each_index_is_missed(
    mongo: Mongo, mongo_uri: str, collection: str, name: str
) -> None:
    await mongo.rows(collection).drop_index(name)

    refused = await refusal(mongo_uri, mongo.database.name, creates=False)
    assert f"{name} of {collection}" in str(refused)

    await obey(mongo.database, list(refused.commands))
    await start(mongo_uri, mongo.database.name, creates=False)


@pytest.mark.parametrize(
    ("keys", "options"),
    [
        (["user_id", "program_id"], {"partialFilterExpression": {"live": True}}),
        (["user_id", "program_id"], {"unique": True}),
        (
            ["user_id", "program_id"],
            {"unique": True, "partialFilterExpression": {"live": False}},
        ),
        (
            ["program_id", "user_id"],
            {"unique": True, "partialFilterExpression": {"live": True}},
        ),
        (["user_id"], {"unique": True, "partialFilterExpression": {"live": True}}),
        (
            ["user_id", "program_id", "status"],
            {"unique": True, "partialFilterExpression": {"live": True}},
        ),
    ],
)
@pytest.mark.parametrize("name", ["one_live_purchase", "another_name"])
async def test_an_index_that_differs_is_refused_and_left_alone(
    mongo: Mongo, mongo_uri: str, name: str, keys: list[str], options: dict[str, Any]
) -> None:
    await mongo.rows("purchases").drop_index("one_live_purchase")
    await mongo.rows("purchases").create_index(keys, name=name, **options)
    before = await listed(mongo.database, "purchases")

    refused = await refusal(mongo_uri, mongo.database.name, creates=False)
    assert await listed(mongo.database, "purchases") == before
    assert "one_live_purchase of purchases" in str(refused)

    await obey(mongo.database, list(refused.commands))
    await start(mongo_uri, mongo.database.name, creates=False)


async def test_an_index_that_differs_is_refused_when_others_are_created(
    mongo: Mongo, mongo_uri: str
) -> None:
    await mongo.rows("purchases").drop_index("one_order_number")
    await mongo.rows("purchases").create_index("order_number", name="mine")
    await mongo.rows("purchases").drop_index("by_stand")

    refused = await refusal(mongo_uri, mongo.database.name)

    assert 'dropIndex("mine")' in str(refused)
    names = {index["name"] for index in await listed(mongo.database, "purchases")}
    assert "mine" in names
    assert "by_stand" in names


async def test_the_name_of_an_index_does_not_matter(
    mongo: Mongo, mongo_uri: str
) -> None:
    await mongo.rows("purchases").drop_index("one_order_number")
    await mongo.rows("purchases").create_index(
        "order_number", name="by_hand", unique=True
    )

    assert "createIndexes" not in await start(mongo_uri, mongo.database.name)


async def test_indexes_of_others_do_not_matter(mongo: Mongo, mongo_uri: str) -> None:
    await mongo.rows("purchases").create_index("payer.country", name="for_taxes")

    await start(mongo_uri, mongo.database.name)


def test_a_name_that_was_given_up_is_never_given_again() -> None:
    for collection, names in LEFT_BEHIND.items():
        assert names.isdisjoint(name for of, name in NAMES if of == collection)


async def test_an_index_that_was_left_behind_stops_no_start(
    mongo: Mongo, mongo_uri: str
) -> None:
    await mongo.rows("purchases").create_index(
        ["program_id", "created_at"], name="by_program"
    )

    await start(mongo_uri, mongo.database.name)

    names = {index["name"] for index in await listed(mongo.database, "purchases")}
    assert {"by_program", "by_program_and_age"} <= names


async def test_rows_that_break_a_rule_are_not_hidden(
    mongo: Mongo, mongo_uri: str
) -> None:
    await mongo.rows("purchases").drop_index("one_live_purchase")
    for name in ("one", "two"):
        await mongo.purchases.add(purchase(name, buyer=GRACE))

    refused = await refusal(mongo_uri, mongo.database.name)

    assert "one_live_purchase of purchases cannot be made" in str(refused)


async def test_health_asks_for_the_indexes(mongo: Mongo) -> None:
    health = MongoHealth(client=mongo.client, database=mongo.database.name)
    await health.check()

    await mongo.rows("purchases").drop_index("one_live_purchase")

    with pytest.raises(StorageUnfit, match="one_live_purchase"):
        await health.check()


async def test_a_refused_start_leaves_no_connection(
    mongo_uri: str, database_name: str
) -> None:
    client: Client = mongo_client(mongo_uri, patience=UNHURRIED)

    with pytest.raises(IndexesDiffer):
        async with connected(client, database=database_name, creates_indexes=False):
            pytest.fail("started without indexes")

    with pytest.raises(InvalidOperation):
        await client.admin.command("ping")


async def test_writes_are_believed_only_when_safe(mongo_uri: str) -> None:
    client = mongo_client(mongo_uri)

    assert client.write_concern.document == {"w": "majority", "j": True}
    assert client.read_concern.level == "majority"
    assert client.read_preference.mode == 0  # primary
    assert client.options.retry_writes
    assert client.options.timeout == 4
    await client.close()
