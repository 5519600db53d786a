from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import OperationFailure
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from adapters.mongo.connection import Client, connected, mongo_client
from adapters.mongo.event_log import MongoEventLog
from adapters.mongo.findings import MongoFindingRepository
from adapters.mongo.orphans import MongoOrphanRepository
from adapters.mongo.outbox import MongoMailOutbox
from adapters.mongo.programs import MongoProgramRepository
from adapters.mongo.purchases import MongoPurchaseRepository
from adapters.mongo.survey import MongoSurvey
from tests.contracts.storage import UNHURRIED

Row: TypeAlias = dict[str, Any]


class Trips(CommandListener):
    """Remembers what went over the wire: names, whole commands, and what came back."""

    def __init__(self) -> None:
        self.commands: list[str] = []
        self.asked: list[Mapping[str, Any]] = []
        self.replies: list[Any] = []

    def started(self, event: CommandStartedEvent) -> None:
        self.commands.append(event.command_name)
        self.asked.append(event.command)

    def succeeded(self, event: CommandSucceededEvent) -> None:
        self.replies.append(event.reply)

    def failed(self, event: CommandFailedEvent) -> None:
        """Do nothing: a trip that was begun is counted."""


@dataclass(kw_only=True)
class Mongo:
    """The adapter on a real server, and the rows behind its back."""

    client: Client
    database: AsyncDatabase[Row]
    trips: Trips
    programs: MongoProgramRepository = field(default_factory=MongoProgramRepository)
    purchases: MongoPurchaseRepository = field(default_factory=MongoPurchaseRepository)
    event_log: MongoEventLog = field(default_factory=MongoEventLog)
    outbox: MongoMailOutbox = field(default_factory=MongoMailOutbox)
    findings: MongoFindingRepository = field(default_factory=MongoFindingRepository)
    survey: MongoSurvey = field(default_factory=MongoSurvey)
    orphans: MongoOrphanRepository = field(default_factory=MongoOrphanRepository)

    def rows(self, collection: str) -> AsyncCollection[Row]:
        return self.database[collection]

    async def row(self, collection: str, id_: str) -> Row:
        found = await self.rows(collection).find_one({"_id": id_})
        assert found is not None
        return found


@pytest.fixture
async def mongo(mongo_uri: str, database_name: str) -> AsyncIterator[Mongo]:
    trips = Trips()
    client = mongo_client(mongo_uri, patience=UNHURRIED, listeners=[trips])
    async with connected(client, database=database_name):
        trips.commands.clear()
        yield Mongo(client=client, database=client[database_name], trips=trips)


Fail: TypeAlias = Callable[..., Coroutine[Any, Any, None]]


@pytest.fixture
async def fail(mongo: Mongo, mongo_uri: str) -> AsyncIterator[Fail]:
    """Make the server fail the adapter's commands, and nobody else's.

    Afterwards the adapter's client must find back by itself.  That it has before it is
    closed matters too: PyMongo 4.20 forgets the socket of a client that is closed while
    it reconnects, and the warning would hit some other test.
    """
    async with AsyncMongoClient[Row](mongo_uri) as admin:

        async def configure(mode: object, **data: object) -> None:
            try:
                await admin.admin.command(
                    "configureFailPoint",
                    "failCommand",
                    mode=mode,
                    data={"appName": "spothold", **data},
                )
            except OperationFailure as error:
                pytest.skip(f"the server has no fail points: {error}")

        yield configure
        await configure("off")
        await mongo.client.admin.command("ping")
