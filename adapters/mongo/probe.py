"""What `spothold doctor` asks the database."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from beanie import Document, init_beanie
from pymongo.errors import WriteConcernError, WTimeoutError

from adapters.mongo.connection import Client
from adapters.mongo.documents import DOCUMENTS, ProgramDocument, PurchaseDocument
from adapters.mongo.errors import storage_errors
from adapters.mongo.programs import WITHOUT_SPOTS, to_program
from adapters.mongo.purchases import WITHOUT_LOG, to_purchase
from application.ports.probes import Shapes, StorageFacts, WriteDoubtful
from domain.errors import DomainError

PROBES: Final = "probes"  # one row of no meaning
# What this version writes; an older number is read, a newer one perhaps.
SCHEMA_NUMBER: Final = max(
    document.model_fields["schema_number"].default
    for document in (ProgramDocument, PurchaseDocument)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MongoProbe:
    client: Client
    database: str

    async def facts(self) -> StorageFacts:
        with storage_errors():
            build = await self.client.admin.command("buildInfo")
            hello = await self.client.admin.command("hello")
        return StorageFacts(
            is_embedded="secantusVersion" in build, members=len(hello.get("hosts", ()))
        )

    async def try_writing(self) -> None:
        token = uuid4().hex
        probes = self.client[self.database][PROBES]
        with storage_errors():
            try:
                result = await probes.update_one(
                    {"_id": "doctor"}, {"$set": {"token": token}}, upsert=True
                )
            except (WriteConcernError, WTimeoutError) as error:
                raise WriteDoubtful(type(error).__name__) from error
            if not result.acknowledged:
                raise WriteDoubtful("the driver does not wait for an answer")
            found = await probes.find_one({"_id": "doctor"})
        if found is None or found["token"] != token:
            raise WriteDoubtful("what was written is not what is read")

    async def shapes(self, *, limit: int) -> Shapes:
        with storage_errors():
            await init_beanie(
                database=self.client[self.database],
                document_models=DOCUMENTS,
                skip_indexes=True,
            )
        purchases = await self._rows(PurchaseDocument, WITHOUT_LOG, limit)
        programs = await self._rows(ProgramDocument, WITHOUT_SPOTS, limit)
        rows = [*purchases, *programs]
        odd = [
            *_unreadable(purchases, to_purchase),
            *_unreadable(programs, to_program),
        ]
        return Shapes(
            looked_at=len(rows),
            older=[_id(row) for row in rows if _schema(row) < SCHEMA_NUMBER],
            newer=[_id(row) for row in rows if _schema(row) > SCHEMA_NUMBER],
            unreadable=odd,
        )

    async def _rows(
        self, document: type[Document], without: Mapping[str, Any], limit: int
    ) -> list[dict[str, Any]]:
        """Read the last by id: first what has no text for one, then a fair sample."""
        with storage_errors():
            return await (
                document.get_pymongo_collection()
                .find({}, without)
                .sort("_id", -1)
                .limit(limit)
                .to_list()
            )


def _unreadable(
    rows: list[dict[str, Any]], read: Callable[[Mapping[str, Any]], object]
) -> list[str]:
    return [_id(row) for row in rows if not _is_readable(row, read)]


def _is_readable(
    row: Mapping[str, Any], read: Callable[[Mapping[str, Any]], object]
) -> bool:
    try:
        read(row)
    except (ValueError, DomainError):  # pydantic's is a ValueError
        return False
    return True


def _id(row: Mapping[str, Any]) -> str:
    return str(row["_id"])


def _schema(row: Mapping[str, Any]) -> int:
    """Return the number of its shape; a row without one is older than the first."""
    number = row.get("schema_number")
    return number if isinstance(number, int) else 0
