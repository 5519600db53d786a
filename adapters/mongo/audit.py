from dataclasses import asdict
from typing import Any

from adapters.mongo.audit_document import AuditDocument
from adapters.mongo.errors import storage_errors
from adapters.mongo.pages import Row, read_page
from application.ports.audit import AuditEntry, AuditPage


class MongoAuditLog:
    async def note(self, entry: AuditEntry) -> None:
        with storage_errors():
            await AuditDocument.get_pymongo_collection().insert_one(asdict(entry))

    async def page(self, *, subject: str | None, page: int, size: int) -> AuditPage:
        only_if: dict[str, Any] = {} if subject is None else {"subject": subject}
        found, total = await read_page(
            AuditDocument,
            only_if,
            sort=[("at", -1), ("_id", -1)],
            without={},
            page=page,
            size=size,
        )
        return AuditPage(items=tuple(map(_to_entry, found)), total=total)


def _to_entry(row: Row) -> AuditEntry:
    document: AuditDocument = AuditDocument.model_validate(row)
    return document.to_entry()
