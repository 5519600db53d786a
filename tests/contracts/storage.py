"""One storage for each adapter: what the contracts of the repositories speak about."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, TypeVar

from beanie import init_beanie

from adapters.mongo.archive import MongoPurchaseArchive
from adapters.mongo.audit import MongoAuditLog
from adapters.mongo.connection import connected, mongo_client
from adapters.mongo.documents import DOCUMENTS
from adapters.mongo.event_log import MongoEventLog
from adapters.mongo.figures import MongoFigures
from adapters.mongo.findings import MongoFindingRepository
from adapters.mongo.hearing import MongoHearing
from adapters.mongo.idempotency import MongoIdempotencyKeys
from adapters.mongo.ledger_days import MongoLedgerDays
from adapters.mongo.orphans import MongoOrphanRepository
from adapters.mongo.outbox import MongoMailOutbox
from adapters.mongo.payment_records import MongoPaymentRecords
from adapters.mongo.programs import MongoProgramRepository
from adapters.mongo.purchases import MongoPurchaseRepository
from adapters.mongo.survey import MongoSurvey
from adapters.mongo.trail import MongoTrail
from adapters.mongo.turns import MongoTurns
from application.ports.archive import PurchaseArchive
from application.ports.audit import AuditLog
from application.ports.event_log import EventLog
from application.ports.figures import Figures
from application.ports.findings import FindingRepository
from application.ports.hearing import Hearing
from application.ports.idempotency import IdempotencyKeys
from application.ports.ledger_days import LedgerDays
from application.ports.orphans import OrphanRepository
from application.ports.outbox import MailOutbox
from application.ports.payment_records import PaymentRecords
from application.ports.programs import ProgramRepository
from application.ports.purchases import PurchaseRepository
from application.ports.survey import Survey
from application.ports.trail import Trail
from application.ports.turns import Turns
from entrypoints.simulation.outside.archive import InMemoryPurchaseArchive
from entrypoints.simulation.outside.audit import InMemoryAuditLog
from entrypoints.simulation.outside.event_log import InMemoryEventLog
from entrypoints.simulation.outside.figures import InMemoryFigures
from entrypoints.simulation.outside.findings import InMemoryFindingRepository
from entrypoints.simulation.outside.hearing import InMemoryHearing
from entrypoints.simulation.outside.idempotency import InMemoryIdempotencyKeys
from entrypoints.simulation.outside.ledger_days import InMemoryLedgerDays
from entrypoints.simulation.outside.orphans import InMemoryOrphanRepository
from entrypoints.simulation.outside.payment_records import InMemoryPaymentRecords
from entrypoints.simulation.outside.programs import InMemoryProgramRepository
from entrypoints.simulation.outside.purchases import (
    InMemoryMailOutbox,
    InMemoryPurchaseRepository,
    PurchaseStore,
)
from entrypoints.simulation.outside.survey import InMemorySurvey
from entrypoints.simulation.outside.trail import InMemoryTrail
from entrypoints.simulation.outside.turns import InMemoryTurns
from tests.fakes.mongo import in_process_mongo

IN_MEMORY: Final = "in_memory"
MONGO: Final = "mongo"
MONGOMOCK: Final = "mongomock"

# What mongomock would answer wrongly, or could not get wrong.
NO_UNIQUE_INDEXES: Final = "it drops a partial filter, so no unique index is declared"
NO_ELEM_MATCH: Final = "it cannot match an element that is no document, in a projection"
NO_SORTING_BY_ARRAYS: Final = "it does not sort by the least value in an array"
NEVER_YIELDS: Final = "it never yields, so nothing races on it"

# A hundred racers on one core take longer than a buyer would wait.
UNHURRIED: Final = timedelta(seconds=60)

Test = TypeVar("Test", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    archive: PurchaseArchive
    figures: Figures
    programs: ProgramRepository
    purchases: PurchaseRepository
    audit: AuditLog
    event_log: EventLog
    findings: FindingRepository
    keys: IdempotencyKeys
    hearing: Hearing
    outbox: MailOutbox
    ledger_days: LedgerDays
    orphans: OrphanRepository
    payment_records: PaymentRecords
    survey: Survey
    trail: Trail
    turns: Turns


def beyond_mongomock(why: str) -> Callable[[Test], Test]:
    """Keep mongomock out of a contract test, and say why."""

    def mark(test: Test) -> Test:
        vars(test)["beyond_mongomock"] = why
        return test

    return mark


def in_memory_storage() -> Storage:
    store, programs = PurchaseStore(), InMemoryProgramRepository()
    orphans = InMemoryOrphanRepository()
    return Storage(
        archive=InMemoryPurchaseArchive(programs=programs, store=store),
        figures=InMemoryFigures(programs=programs, store=store),
        programs=programs,
        purchases=InMemoryPurchaseRepository(store=store),
        audit=InMemoryAuditLog(),
        event_log=InMemoryEventLog(),
        findings=InMemoryFindingRepository(),
        keys=InMemoryIdempotencyKeys(),
        hearing=InMemoryHearing(),
        outbox=InMemoryMailOutbox(store=store),
        ledger_days=InMemoryLedgerDays(),
        orphans=orphans,
        payment_records=InMemoryPaymentRecords(store=store, orphans=orphans),
        survey=InMemorySurvey(programs=programs, store=store),
        trail=InMemoryTrail(),
        turns=InMemoryTurns(),
    )


def mongo_storage() -> Storage:
    return Storage(
        archive=MongoPurchaseArchive(),
        figures=MongoFigures(),
        programs=MongoProgramRepository(),
        purchases=MongoPurchaseRepository(),
        audit=MongoAuditLog(),
        event_log=MongoEventLog(),
        findings=MongoFindingRepository(),
        keys=MongoIdempotencyKeys(),
        hearing=MongoHearing(),
        outbox=MongoMailOutbox(),
        ledger_days=MongoLedgerDays(),
        orphans=MongoOrphanRepository(),
        payment_records=MongoPaymentRecords(),
        survey=MongoSurvey(),
        trail=MongoTrail(),
        turns=MongoTurns(),
    )


@asynccontextmanager
async def real_mongo(uri: str, database: str) -> AsyncIterator[Storage]:
    client = mongo_client(uri, patience=UNHURRIED)
    async with connected(client, database=database):
        yield mongo_storage()


@asynccontextmanager
async def mongomock() -> AsyncIterator[Storage]:
    await init_beanie(
        database=in_process_mongo()["contracts"],
        document_models=DOCUMENTS,
        skip_indexes=True,
    )
    yield mongo_storage()
