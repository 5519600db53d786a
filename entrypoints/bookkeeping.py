"""The part of the use cases that compares our books with the provider's."""

from dependency_injector import providers

from application.check_ledger import CheckLedger
from application.keep_ledger import KeepLedger
from application.ports.alerts import Alerts
from application.ports.ledger_days import LedgerDays
from application.ports.payment_ledger import PaymentLedger
from application.ports.payment_records import PaymentRecords
from application.ports.payments import PaymentGateway
from application.ports.turns import Turns
from entrypoints.views import Views


class Bookkeeping(Views):
    """The ledger of each day (invariant I21)."""

    app: providers.Provider[str] = providers.Dependency(instance_of=str)
    environment: providers.Provider[str] = providers.Dependency(instance_of=str)
    worker: providers.Provider[str] = providers.Dependency(instance_of=str)

    alerts: providers.Provider[Alerts] = providers.Dependency()
    clock = Views.clock
    ledger: providers.Provider[PaymentLedger] = providers.Dependency()
    ledger_days: providers.Provider[LedgerDays] = providers.Dependency()
    payment_records: providers.Provider[PaymentRecords] = providers.Dependency()
    payments: providers.Provider[PaymentGateway] = providers.Dependency()
    turns: providers.Provider[Turns] = providers.Dependency()

    check_ledger: providers.Provider[CheckLedger] = providers.Singleton(
        CheckLedger,
        app=app,
        environment=environment,
        ledger=ledger,
        records=payment_records,
    )
    keep_ledger: providers.Provider[KeepLedger] = providers.Singleton(
        KeepLedger,
        alerts=alerts,
        check_ledger=check_ledger,
        clock=clock,
        days=ledger_days,
        payments=payments,
        turns=turns,
        worker=worker,
    )
