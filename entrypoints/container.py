"""The composition root: the only module that knows which adapter fulfils which port.

Every provider here is synchronous: the container builds objects, and the lifespan
opens and closes what they talk to (docs/adr/0005).
"""

import os
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Final, Protocol, runtime_checkable

from dependency_injector import containers, providers

from adapters.embedded_mongo.server import (
    DataFolderInUse,
    EmbeddedMongoDidNotStart,
    EmbeddedMongoNotInstalled,
    embedded_mongo,
)
from adapters.in_process.alerts import SpreadAlerts, alerts_of
from adapters.in_process.bell import AsyncioMailBell
from adapters.mongo.archive import MongoPurchaseArchive
from adapters.mongo.audit import MongoAuditLog
from adapters.mongo.connection import MongoHealth, connected, mongo_client
from adapters.mongo.event_log import MongoEventLog
from adapters.mongo.figures import MongoFigures
from adapters.mongo.findings import MongoFindingRepository
from adapters.mongo.hearing import MongoHearing
from adapters.mongo.idempotency import MongoIdempotencyKeys
from adapters.mongo.instances import MongoInstances
from adapters.mongo.ledger_days import MongoLedgerDays
from adapters.mongo.orphans import MongoOrphanRepository
from adapters.mongo.outbox import MongoMailOutbox
from adapters.mongo.payment_records import MongoPaymentRecords
from adapters.mongo.programs import MongoProgramRepository
from adapters.mongo.purchases import MongoPurchaseRepository
from adapters.mongo.survey import MongoSurvey
from adapters.mongo.trail import MongoTrail
from adapters.mongo.turns import MongoTurns
from adapters.mongo.usage import MongoStorageUsage
from adapters.prometheus.metrics import PrometheusMetrics
from adapters.smtp.alerts import mailed_alerts
from adapters.smtp.mailer import MailServer, SmtpMailer
from adapters.stripe.gateway import StripePaymentGateway
from adapters.stripe.line import StripeLine
from adapters.stripe.sessions import APP
from adapters.stripe.webhooks import StripeWebhookVerifier
from adapters.system.alerts import LogAlerts
from adapters.system.clock import SystemClock
from adapters.system.randomness import SystemRandomness
from adapters.webhook.alerts import posted_alerts
from application.create_program import CreateProgram
from application.ports.alerts import Alerts, AlertWay
from application.ports.archive import PurchaseArchive
from application.ports.audit import AuditLog
from application.ports.calls import CallWatch
from application.ports.clock import Clock
from application.ports.event_log import EventLog
from application.ports.figures import Figures
from application.ports.findings import FindingRepository
from application.ports.health import StorageHealth
from application.ports.hearing import Hearing
from application.ports.idempotency import IdempotencyKeys
from application.ports.instances import Instances
from application.ports.ledger_days import LedgerDays
from application.ports.locks import KeyedLock
from application.ports.mail import Mailer
from application.ports.metrics import Metrics
from application.ports.orphans import OrphanRepository
from application.ports.outbox import MailOutbox
from application.ports.payment_events import PaymentEventVerifier
from application.ports.payment_history import PaymentHistory
from application.ports.payment_ledger import PaymentLedger
from application.ports.payment_records import PaymentRecords
from application.ports.payments import PaymentGateway
from application.ports.programs import ProgramRepository
from application.ports.purchases import PurchaseRepository
from application.ports.randomness import Randomness
from application.ports.refunds import RefundGateway
from application.ports.storage import StorageUnavailable
from application.ports.storage_usage import StorageUsage
from application.ports.survey import Survey
from application.ports.trail import Trail
from application.ports.turns import Turns
from application.show_life import ShowLife
from application.stay_alone import StayAlone
from application.view_programs import ViewPrograms
from entrypoints.extras import locks_of, tracing_of
from entrypoints.observing import Tracing, WatchedCalls
from entrypoints.program_desk import ProgramDesk
from entrypoints.settings import Settings, StorageSettings
from entrypoints.use_cases import UseCases

NOT_RUNNING: Final = (
    DataFolderInUse,
    EmbeddedMongoDidNotStart,
    EmbeddedMongoNotInstalled,
)


class NoDatabase(Exception):
    """The embedded database cannot run here; the message says what to do."""


def worker_name() -> str:
    """Name this process in leases and logs."""
    return f"{socket.gethostname()}:{os.getpid()}"


def secret_texts(settings: Settings) -> list[str]:
    return [secret.get_secret_value() for secret in settings.stripe_webhook_secret]


def _history_of(stripe: StripePaymentGateway) -> PaymentHistory:
    """Show the port of what shares the line of `stripe`."""
    return stripe.history


def _ledger_of(stripe: StripePaymentGateway) -> PaymentLedger:
    """Show the port of what reads Stripe's books over that line."""
    return stripe.ledger


def _refunds_of(stripe: StripePaymentGateway) -> RefundGateway:
    """Show the port of what gives money back over that line."""
    return stripe.refunds


def _as_gateway(stripe: StripePaymentGateway) -> PaymentGateway:
    """Show the port of what `opened` closes by its own name."""
    return stripe


@runtime_checkable
class Closable(Protocol):
    async def close(self) -> None: ...


class Container(containers.DeclarativeContainer):
    """The service as it runs.

    `mongodb_uri` is the address of the database that really runs: the configured one,
    or that of the embedded server.
    """

    settings = providers.Dependency(instance_of=Settings)
    mongodb_uri = providers.Dependency(instance_of=str)

    tracing: providers.Provider[Tracing] = providers.Singleton(tracing_of, settings)
    mongo = providers.Singleton(
        mongo_client, mongodb_uri, listeners=tracing.provided.listeners.call()
    )
    connection = providers.Factory(
        connected, mongo, database=settings.provided.mongodb_database
    )

    # Annotated with the port, so that mypy proves that the adapter fulfils it.
    clock: providers.Provider[Clock] = providers.Singleton(SystemClock)
    mailer: providers.Provider[Mailer] = providers.Singleton(
        SmtpMailer,
        server=providers.Singleton(
            MailServer.from_url, settings.provided.smtp_url.get_secret_value.call()
        ),
        sender=settings.provided.email_from,
    )
    mailed_alerts: providers.Provider[AlertWay | None] = providers.Singleton(
        mailed_alerts, mailer, admin=settings.provided.admin_alert_email
    )
    posted_alerts: providers.Provider[AlertWay | None] = providers.Singleton(
        posted_alerts,
        url=settings.provided.alert_webhook_url,
        secret=settings.provided.alert_webhook_key,
        environment=settings.provided.app_env.value,
        clock=clock,
    )
    alerts: providers.Provider[Alerts] = providers.Singleton(
        alerts_of,
        providers.Singleton(LogAlerts),
        providers.List(mailed_alerts, posted_alerts),
        clock,
    )
    archive: providers.Provider[PurchaseArchive] = providers.Singleton(
        MongoPurchaseArchive
    )
    audit: providers.Provider[AuditLog] = providers.Singleton(MongoAuditLog)
    event_log: providers.Provider[EventLog] = providers.Singleton(MongoEventLog)
    figures: providers.Provider[Figures] = providers.Singleton(MongoFigures)
    findings: providers.Provider[FindingRepository] = providers.Singleton(
        MongoFindingRepository
    )
    health: providers.Provider[StorageHealth] = providers.Singleton(
        MongoHealth, client=mongo, database=settings.provided.mongodb_database
    )
    instances: providers.Provider[Instances] = providers.Singleton(
        MongoInstances, client=mongo, database=settings.provided.mongodb_database
    )
    idempotency_keys: providers.Provider[IdempotencyKeys] = providers.Singleton(
        MongoIdempotencyKeys
    )
    hearing: providers.Provider[Hearing] = providers.Singleton(MongoHearing)
    ledger_days: providers.Provider[LedgerDays] = providers.Singleton(MongoLedgerDays)
    locks: providers.Provider[KeyedLock] = providers.Singleton(locks_of, settings)
    bell: providers.Provider[AsyncioMailBell] = providers.Singleton(AsyncioMailBell)
    metrics: providers.Provider[Metrics] = providers.Singleton(PrometheusMetrics)
    watch: providers.Provider[CallWatch] = providers.Singleton(
        WatchedCalls, metrics=metrics, tracing=tracing
    )
    orphans: providers.Provider[OrphanRepository] = providers.Singleton(
        MongoOrphanRepository
    )
    outbox: providers.Provider[MailOutbox] = providers.Singleton(MongoMailOutbox)
    trail: providers.Provider[Trail] = providers.Singleton(MongoTrail)
    stripe = providers.Singleton(
        StripePaymentGateway,
        settings.provided.stripe_secret_key.get_secret_value.call(),
        clock=clock,
        alerts=alerts,
        environment=settings.provided.app_env.value,
        success_url=settings.provided.success_url,
        cancel_url=settings.provided.cancel_url,
        api_base=settings.provided.stripe_api_base,
        line=providers.Singleton(
            StripeLine.at, settings.provided.stripe_requests_per_second, metrics=metrics
        ),
        watch=watch,
        trail=trail,
    )
    payments: providers.Provider[PaymentGateway] = providers.Callable(
        _as_gateway, stripe
    )
    history: providers.Provider[PaymentHistory] = providers.Callable(
        _history_of, stripe
    )
    ledger: providers.Provider[PaymentLedger] = providers.Callable(_ledger_of, stripe)
    payment_records: providers.Provider[PaymentRecords] = providers.Singleton(
        MongoPaymentRecords
    )
    programs: providers.Provider[ProgramRepository] = providers.Singleton(
        MongoProgramRepository
    )
    purchases: providers.Provider[PurchaseRepository] = providers.Singleton(
        MongoPurchaseRepository
    )
    randomness: providers.Provider[Randomness] = providers.Singleton(SystemRandomness)
    survey: providers.Provider[Survey] = providers.Singleton(MongoSurvey)
    turns: providers.Provider[Turns] = providers.Singleton(MongoTurns)
    refunds: providers.Provider[RefundGateway] = providers.Callable(_refunds_of, stripe)
    usage: providers.Provider[StorageUsage] = providers.Singleton(
        MongoStorageUsage, client=mongo, database=settings.provided.mongodb_database
    )
    verifier: providers.Provider[PaymentEventVerifier] = providers.Singleton(
        StripeWebhookVerifier, providers.Callable(secret_texts, settings), clock=clock
    )

    show_life: providers.Provider[ShowLife] = providers.Singleton(
        ShowLife,
        clock=clock,
        instances=instances,
        lock=settings.provided.lock_backend,
        since=clock.provided.now.call(),
        worker=providers.Callable(worker_name),
    )
    stay_alone: providers.Provider[StayAlone] = providers.Singleton(
        StayAlone,
        instances=instances,
        life=show_life,
        overlap=settings.provided.overlap,
    )
    use_cases = providers.Container(
        UseCases,
        app=providers.Object(APP),
        cool_down=settings.provided.cool_down,
        environment=settings.provided.app_env.value,
        frontend_url=settings.provided.frontend_url,
        hold=settings.provided.hold,
        livemode=settings.provided.livemode,
        mail_domain=settings.provided.mail_domain,
        promise=settings.provided.promise,
        refund_window=settings.provided.refund_window,
        storage_quota=settings.provided.storage_quota,
        worker=providers.Callable(worker_name),
        alerts=alerts,
        archive=archive,
        audit=audit,
        bell=bell,
        clock=clock,
        event_log=event_log,
        figures=figures,
        findings=findings,
        health=health,
        hearing=hearing,
        history=history,
        idempotency_keys=idempotency_keys,
        ledger=ledger,
        ledger_days=ledger_days,
        locks=locks,
        mailer=mailer,
        metrics=metrics,
        orphans=orphans,
        outbox=outbox,
        payment_records=payment_records,
        payments=payments,
        programs=programs,
        purchases=purchases,
        randomness=randomness,
        survey=survey,
        trail=trail,
        turns=turns,
        refunds=refunds,
        usage=usage,
        verifier=verifier,
    )


@asynccontextmanager
async def opened(container: Container) -> AsyncIterator[None]:
    """Connect what the container built, and hang up at the end."""
    async with container.connection():
        try:
            yield
        finally:
            alerts = container.alerts()
            if isinstance(alerts, SpreadAlerts):
                await alerts.delivered()
            await container.stripe().close()
            with suppress(StorageUnavailable):  # history is lost then, and no fact
                await container.use_cases().keep_history()()
            locks = container.locks()
            if isinstance(locks, Closable):
                await locks.close()
            await container.tracing().close()


@asynccontextmanager
async def running_database(settings: StorageSettings) -> AsyncIterator[str]:
    """Yield the address of the configured database, or of an embedded one.

    The embedded server runs for the body of the `async with`, on the data folder
    (docs/adr/0007).

    Raises:
        NoDatabase: it did not start.
    """
    if settings.mongodb_uri is not None:
        yield settings.mongodb_uri.get_secret_value()
        return
    async with AsyncExitStack() as stack:
        folder = settings.data_dir / "mongo"
        try:
            server = await stack.enter_async_context(embedded_mongo(folder))
        except NOT_RUNNING as error:
            raise NoDatabase(str(error)) from error
        yield server.uri


@asynccontextmanager
async def running_use_cases(settings: Settings) -> AsyncIterator[UseCases]:
    """Open everything for a command that does what the service does.

    Raises:
        IndexesDiffer: an index is missing or differs.
        NoDatabase: the embedded one did not start.
        StorageUnavailable: the configured one does not answer.
    """
    async with running_database(settings) as uri:
        container = Container(settings=settings, mongodb_uri=uri)
        async with opened(container):
            yield container.use_cases()


@asynccontextmanager
async def program_desk(settings: StorageSettings) -> AsyncIterator[ProgramDesk]:
    """Open just enough for a command that looks after programs."""
    desk = ProgramDesk(
        audit=providers.Singleton(MongoAuditLog),
        clock=providers.Singleton(SystemClock),
        programs=providers.Singleton(MongoProgramRepository),
        survey=providers.Singleton(MongoSurvey),
    )
    async with (
        running_database(settings) as uri,
        connected(mongo_client(uri), database=settings.mongodb_database),
    ):
        yield desk


@asynccontextmanager
async def program_use_cases(
    settings: StorageSettings,
) -> AsyncIterator[tuple[CreateProgram, ViewPrograms]]:
    """Open just enough to put programs up for sale."""
    async with program_desk(settings) as desk:
        yield desk.create_program(), desk.view_programs()
