"""What purchases and orphans at rest say of payments, a page at a time."""

from collections.abc import (
    AsyncGenerator,
    Collection,
    Iterator,
    Mapping,
    Sequence,
)
from datetime import datetime
from typing import Any, Final

import structlog
from beanie import Document

from adapters.mongo.documents import PurchaseDocument
from adapters.mongo.errors import storage_errors
from adapters.mongo.orphan_documents import OrphanDocument
from adapters.mongo.purchases import WITHOUT_LOG, readable
from domain.ledger import PaymentRecord, records_of, records_of_orphan
from domain.purchase import OWNED, Status

PAGE: Final = 100
HAS_EXTRA_MONEY: Final = {"extra_payments.0": {"$exists": True}}

Row = Mapping[str, Any]

log = structlog.get_logger(__name__)


class MongoPaymentRecords:
    async def of_payments(
        self, payment_intents: Collection[str]
    ) -> Mapping[str, PaymentRecord]:
        named = {"$in": sorted(payment_intents)}
        # Plain look-ups: one with `$or` scans on the embedded server.
        rows = [
            *await _rows(PurchaseDocument, {"paid.payment_intent": named}),
            *await _rows(PurchaseDocument, {"extra_payments.payment_intent": named}),
        ]
        orphans = await _rows(OrphanDocument, {"_id": named})
        found: dict[str, PaymentRecord] = {}
        for record in (*_of_purchases(rows), *_of_orphans(orphans)):
            if record.payment_intent in payment_intents:
                found.setdefault(record.payment_intent, record)
        return found

    async def changed(
        self, since: datetime, until: datetime
    ) -> AsyncGenerator[PaymentRecord, None]:
        for status in sorted({*OWNED, Status.REFUNDED, Status.CLOSED}):
            # Of the closed ones most never saw money.
            more = HAS_EXTRA_MONEY if status is Status.CLOSED else {}
            only_if = {"status": status, **more}
            async for rows in _pages(
                PurchaseDocument, only_if, "updated_at", since, until
            ):
                for record in _of_purchases(rows):
                    yield record
        async for rows in _pages(OrphanDocument, {}, "found_at", since, until):
            for record in _of_orphans(rows):
                yield record


async def _pages(
    document: type[Document],
    only_if: Row,
    field: str,
    since: datetime,
    until: datetime,
) -> AsyncGenerator[Sequence[Row], None]:
    """Yield all rows of a time; no cursor stays open while the reader works."""
    at_since: list[Any] = []
    while True:
        rows = await _rows(
            document,
            {
                **only_if,
                field: {"$gte": since, "$lt": until},
                "_id": {"$nin": at_since},
            },
            sort=field,
        )
        if not rows:
            return
        yield rows
        latest = rows[-1][field]
        if latest != since:
            since, at_since = latest, []
        at_since += [row["_id"] for row in rows if row[field] == latest]


async def _rows(
    document: type[Document], only_if: Row, *, sort: str | None = None
) -> list[Row]:
    with storage_errors():
        found = document.get_pymongo_collection().find(only_if, WITHOUT_LOG)
        if sort is not None:
            found = found.sort(sort).limit(PAGE)
        return await found.to_list()


def _of_purchases(rows: Sequence[Row]) -> Iterator[PaymentRecord]:
    for purchase in readable(rows):
        yield from records_of(purchase)


def _of_orphans(rows: Sequence[Row]) -> Iterator[PaymentRecord]:
    for row in rows:
        try:
            document: OrphanDocument = OrphanDocument.model_validate(row)
            yield from records_of_orphan(document.to_domain())
        except ValueError:  # pydantic's is one
            log.exception("orphan unreadable", orphan=row["_id"])
