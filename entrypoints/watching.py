"""The part of the use cases that looks after the database itself."""

from dependency_injector import providers

from application.ports.health import StorageHealth
from application.ports.storage_usage import StorageUsage
from application.watch_storage import WatchStorage
from entrypoints.bookkeeping import Bookkeeping


class Watching(Bookkeeping):
    """Whether it is fit for its work, and how full it is."""

    storage_quota: providers.Provider[int] = providers.Dependency(instance_of=int)

    alerts = Bookkeeping.alerts
    clock = Bookkeeping.clock
    health: providers.Provider[StorageHealth] = providers.Dependency()
    turns = Bookkeeping.turns
    usage: providers.Provider[StorageUsage] = providers.Dependency()
    worker = Bookkeeping.worker

    watch_storage: providers.Provider[WatchStorage] = providers.Singleton(
        WatchStorage,
        alerts=alerts,
        clock=clock,
        quota=storage_quota,
        turns=turns,
        usage=usage,
        worker=worker,
    )
