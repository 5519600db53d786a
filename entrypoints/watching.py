"""The part of the use cases that watches the others, and the database below them."""

from dependency_injector import providers

from application.count_findings import CountFindings
from application.keep_history import KeepHistory
from application.ports.archive import PurchaseArchive
from application.ports.figures import Figures
from application.ports.findings import FindingRepository
from application.ports.health import StorageHealth
from application.ports.hearing import Hearing, SilentHearing
from application.ports.locks import KeyedLock
from application.ports.metrics import Metrics
from application.ports.orphans import OrphanRepository
from application.ports.outbox import MailOutbox
from application.ports.storage_usage import StorageUsage
from application.ports.trail import SilentTrail, Trail
from application.preview_refund import PreviewRefund
from application.take_stock import TakeStock
from application.tell_silence import TellSilence
from application.view_archive import ViewArchive
from application.watch_mail import WatchMail
from application.watch_money import WatchMoney
from application.watch_storage import WatchStorage
from application.watch_webhooks import WatchWebhooks
from domain.unsettled_money import Promise
from entrypoints.bookkeeping import Bookkeeping


class Watching(Bookkeeping):
    """What waits for too long, and how full the database is."""

    promise: providers.Provider[Promise] = providers.Dependency(instance_of=Promise)
    storage_quota: providers.Provider[int] = providers.Dependency(instance_of=int)

    alerts = Bookkeeping.alerts
    archive: providers.Provider[PurchaseArchive] = providers.Dependency()
    clock = Bookkeeping.clock
    figures: providers.Provider[Figures] = providers.Dependency()
    findings: providers.Provider[FindingRepository] = providers.Dependency()
    health: providers.Provider[StorageHealth] = providers.Dependency()
    hearing: providers.Provider[Hearing] = providers.Dependency(default=SilentHearing())
    locks: providers.Provider[KeyedLock] = providers.Dependency()
    metrics: providers.Provider[Metrics] = providers.Dependency()
    orphans: providers.Provider[OrphanRepository] = providers.Dependency()
    outbox: providers.Provider[MailOutbox] = providers.Dependency()
    purchases = Bookkeeping.purchases
    trail: providers.Provider[Trail] = providers.Dependency(default=SilentTrail())
    turns = Bookkeeping.turns
    usage: providers.Provider[StorageUsage] = providers.Dependency()
    worker = Bookkeeping.worker

    count_findings: providers.Provider[CountFindings] = providers.Singleton(
        CountFindings, clock=clock, findings=findings, metrics=metrics
    )
    keep_history: providers.Provider[KeepHistory] = providers.Singleton(
        KeepHistory, hearing=hearing, trail=trail
    )
    preview_refund: providers.Provider[PreviewRefund] = providers.Singleton(
        PreviewRefund, clock=clock, purchases=purchases
    )
    take_stock: providers.Provider[TakeStock] = providers.Singleton(
        TakeStock,
        clock=clock,
        figures=figures,
        findings=findings,
        hearing=hearing,
        locks=locks,
        orphans=orphans,
        outbox=outbox,
        promise=promise,
        purchases=purchases,
        turns=turns,
    )
    view_archive: providers.Provider[ViewArchive] = providers.Singleton(
        ViewArchive, archive=archive, trail=trail
    )
    watch_mail: providers.Provider[WatchMail] = providers.Singleton(
        WatchMail, clock=clock, metrics=metrics, outbox=outbox
    )
    watch_money: providers.Provider[WatchMoney] = providers.Singleton(
        WatchMoney,
        alerts=alerts,
        clock=clock,
        metrics=metrics,
        orphans=orphans,
        promise=promise,
        purchases=purchases,
        turns=turns,
        worker=worker,
    )
    tell_silence: providers.Provider[TellSilence] = providers.Singleton(
        TellSilence,
        alerts=alerts,
        clock=clock,
        hearing=hearing,
        turns=turns,
        worker=worker,
    )
    watch_webhooks: providers.Provider[WatchWebhooks] = providers.Singleton(
        WatchWebhooks,
        alerts=alerts,
        clock=clock,
        hearing=hearing,
        metrics=metrics,
        turns=turns,
        worker=worker,
    )
    watch_storage: providers.Provider[WatchStorage] = providers.Singleton(
        WatchStorage,
        alerts=alerts,
        clock=clock,
        quota=storage_quota,
        turns=turns,
        usage=usage,
        worker=worker,
    )
