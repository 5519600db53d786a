"""How the use cases about events that could not be applied are put together."""

from dependency_injector import containers, providers

from application.ports.alerts import Alerts
from application.ports.audit import AuditLog
from application.ports.clock import Clock
from application.ports.event_log import EventLog
from application.ports.metrics import Metrics
from application.ports.payment_history import PaymentHistory
from application.ports.payments import PaymentGateway
from application.ports.randomness import Randomness
from application.ports.refunds import RefundGateway
from application.recall_event import RecallEvent
from application.receive_event import ReceivePaymentEvent
from application.replay_by_hand import ReplayByHand
from application.replay_event import ReplayEvent
from application.retry_quarantined import RetryQuarantined
from application.view_quarantine import ViewQuarantine
from application.watch_quarantine import WatchQuarantine


class QuarantineUseCases(containers.DeclarativeContainer):
    """Show what is held, and try it again."""

    livemode: providers.Provider[bool] = providers.Dependency(instance_of=bool)

    alerts: providers.Provider[Alerts] = providers.Dependency()
    audit: providers.Provider[AuditLog] = providers.Dependency()
    clock: providers.Provider[Clock] = providers.Dependency()
    event_log: providers.Provider[EventLog] = providers.Dependency()
    history: providers.Provider[PaymentHistory] = providers.Dependency()
    metrics: providers.Provider[Metrics] = providers.Dependency()
    payments: providers.Provider[PaymentGateway] = providers.Dependency()
    randomness: providers.Provider[Randomness] = providers.Dependency()
    refunds: providers.Provider[RefundGateway] = providers.Dependency()

    receive_event: providers.Provider[ReceivePaymentEvent] = providers.Dependency()

    recall_event: providers.Provider[RecallEvent] = providers.Singleton(
        RecallEvent,
        event_log=event_log,
        history=history,
        livemode=livemode,
        payments=payments,
        refunds=refunds,
    )
    replay_event: providers.Provider[ReplayEvent] = providers.Singleton(
        ReplayEvent,
        clock=clock,
        event_log=event_log,
        recall=recall_event,
        receive=receive_event,
    )
    replay_by_hand: providers.Provider[ReplayByHand] = providers.Singleton(
        ReplayByHand, audit=audit, clock=clock, replay=replay_event
    )
    retry_quarantined: providers.Provider[RetryQuarantined] = providers.Singleton(
        RetryQuarantined,
        alerts=alerts,
        clock=clock,
        event_log=event_log,
        randomness=randomness,
        replay=replay_event,
    )
    view_quarantine: providers.Provider[ViewQuarantine] = providers.Singleton(
        ViewQuarantine, clock=clock, event_log=event_log
    )
    watch_quarantine: providers.Provider[WatchQuarantine] = providers.Singleton(
        WatchQuarantine, clock=clock, event_log=event_log, metrics=metrics
    )
