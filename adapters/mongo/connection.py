from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from beanie import init_beanie
from pymongo import AsyncMongoClient
from pymongo.monitoring import CommandListener

from adapters.mongo.documents import DOCUMENTS
from adapters.mongo.errors import storage_errors
from adapters.mongo.indexes import check_indexes, ensure_indexes
from adapters.mongo.waiting import mend_waiting

Client = AsyncMongoClient[dict[str, Any]]

PATIENCE: Final = timedelta(
    seconds=4
)  # for one call, the driver's own retries included


def mongo_client(
    uri: str,
    *,
    patience: timedelta = PATIENCE,
    listeners: Sequence[CommandListener] = (),
) -> Client:
    """Make a client that believes a write only when a majority has it on disk.

    Reads are of the same kind, from the primary, so that what is read was not undone
    by an election.
    """
    mend_waiting()
    return AsyncMongoClient(
        uri,
        w="majority",
        journal=True,
        readConcernLevel="majority",
        readPreference="primary",
        retryWrites=True,
        timeoutMS=round(patience.total_seconds() * 1000),
        tz_aware=True,
        appname="spothold",
        event_listeners=listeners,
    )


@asynccontextmanager
async def connected(
    client: Client, *, database: str, creates_indexes: bool = True
) -> AsyncIterator[None]:
    """Bind the documents to a database; close the client when the block ends.

    Args:
        client: from `mongo_client`.
        database: its name.
        creates_indexes: create those that are absent.  One that is there with other
            options is never touched.

    Raises:
        IndexesDiffer: an index is still missing, or differs.
        StorageUnavailable: the server does not answer.
    """
    try:
        with storage_errors():
            await init_beanie(
                database=client[database], document_models=DOCUMENTS, skip_indexes=True
            )
        if creates_indexes:
            await ensure_indexes(client[database])
        await check_indexes(client[database])
        yield
    finally:
        await client.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class MongoHealth:
    """Asks for the indexes, which also shows that the server answers."""

    client: Client
    database: str

    async def check(self) -> None:
        await check_indexes(self.client[self.database])
