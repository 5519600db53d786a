"""How the use cases about differences are put together.

Whoever adds a source of findings adds one line to `inspections`.
"""

from dependency_injector import containers, providers

from application.drive_money import DriveMoney
from application.drive_orphan import DriveOrphan
from application.drive_purchase import DrivePurchase
from application.find_differences import FindDifferences
from application.follow_session import FollowSession
from application.inspect_disputes import InspectDisputes
from application.inspect_events import InspectEvents
from application.inspect_ledger import InspectLedger
from application.inspect_orphans import InspectOrphans
from application.inspect_purchases import InspectPurchases
from application.inspect_refunds import InspectRefunds
from application.inspect_sessions import InspectSessions
from application.inspect_spots import InspectSpots
from application.keep_findings import KeepFindings
from application.learn_dispute import LearnDispute
from application.learn_refund import LearnRefund
from application.ports.alerts import Alerts
from application.ports.audit import AuditLog
from application.ports.clock import Clock
from application.ports.event_log import EventLog
from application.ports.findings import FindingRepository
from application.ports.ledger_days import LedgerDays
from application.ports.orphans import OrphanRepository
from application.ports.payment_history import PaymentHistory
from application.ports.payments import PaymentGateway
from application.ports.programs import ProgramRepository
from application.ports.purchases import PurchaseRepository
from application.ports.refunds import RefundGateway
from application.ports.survey import Survey
from application.ports.turns import Turns
from application.reconcile import Reconcile
from application.reconcile_one import ReconcileOne
from application.repair_difference import RepairDifference
from application.repair_finding import RepairFinding
from application.replay_event import ReplayEvent
from application.take_over_telling import TakeOverTelling
from application.tell_findings import TellFindings
from application.view_findings import ViewFindings
from application.view_orphans import ViewOrphans


class FindingUseCases(containers.DeclarativeContainer):
    """Find differences, watch them, and mend them."""

    app: providers.Provider[str] = providers.Dependency(instance_of=str)
    environment: providers.Provider[str] = providers.Dependency(instance_of=str)
    livemode: providers.Provider[bool] = providers.Dependency(instance_of=bool)
    worker: providers.Provider[str] = providers.Dependency(instance_of=str)

    alerts: providers.Provider[Alerts] = providers.Dependency()
    audit: providers.Provider[AuditLog] = providers.Dependency()
    clock: providers.Provider[Clock] = providers.Dependency()
    event_log: providers.Provider[EventLog] = providers.Dependency()
    findings: providers.Provider[FindingRepository] = providers.Dependency()
    history: providers.Provider[PaymentHistory] = providers.Dependency()
    ledger_days: providers.Provider[LedgerDays] = providers.Dependency()
    payments: providers.Provider[PaymentGateway] = providers.Dependency()
    orphans: providers.Provider[OrphanRepository] = providers.Dependency()
    programs: providers.Provider[ProgramRepository] = providers.Dependency()
    purchases: providers.Provider[PurchaseRepository] = providers.Dependency()
    refunds: providers.Provider[RefundGateway] = providers.Dependency()
    survey: providers.Provider[Survey] = providers.Dependency()
    turns: providers.Provider[Turns] = providers.Dependency()

    drive: providers.Provider[DrivePurchase] = providers.Dependency()
    drive_money: providers.Provider[DriveMoney] = providers.Dependency()
    drive_orphan: providers.Provider[DriveOrphan] = providers.Dependency()
    follow_session: providers.Provider[FollowSession] = providers.Dependency()
    learn_dispute: providers.Provider[LearnDispute] = providers.Dependency()
    learn_refund: providers.Provider[LearnRefund] = providers.Dependency()
    replay_event: providers.Provider[ReplayEvent] = providers.Dependency()

    inspect_disputes: providers.Provider[InspectDisputes] = providers.Singleton(
        InspectDisputes, history=history, survey=survey
    )
    inspect_ledger: providers.Provider[InspectLedger] = providers.Singleton(
        InspectLedger, days=ledger_days
    )
    inspect_orphans: providers.Provider[InspectOrphans] = providers.Singleton(
        InspectOrphans, orphans=orphans
    )
    inspect_purchases: providers.Provider[InspectPurchases] = providers.Singleton(
        InspectPurchases, survey=survey
    )
    inspect_refunds: providers.Provider[InspectRefunds] = providers.Singleton(
        InspectRefunds, history=history, refunds=refunds, survey=survey
    )
    inspect_sessions: providers.Provider[InspectSessions] = providers.Singleton(
        InspectSessions,
        app=app,
        environment=environment,
        history=history,
        livemode=livemode,
        orphans=orphans,
        payments=payments,
        purchases=purchases,
        survey=survey,
    )
    inspect_spots: providers.Provider[InspectSpots] = providers.Singleton(
        InspectSpots, survey=survey
    )
    inspect_events: providers.Provider[InspectEvents] = providers.Singleton(
        InspectEvents, event_log=event_log
    )
    inspections = providers.List(
        inspect_purchases,
        inspect_orphans,
        inspect_sessions,
        inspect_refunds,
        inspect_disputes,
        inspect_spots,
        inspect_ledger,
        inspect_events,
    )
    find_differences: providers.Provider[FindDifferences] = providers.Singleton(
        FindDifferences, clock=clock, inspections=inspections, payments=payments
    )
    tell_findings: providers.Provider[TellFindings] = providers.Singleton(
        TellFindings, alerts=alerts, clock=clock, findings=findings
    )
    keep_findings: providers.Provider[KeepFindings] = providers.Singleton(
        KeepFindings,
        alerts=alerts,
        clock=clock,
        find=find_differences,
        findings=findings,
        tell=tell_findings,
        turns=turns,
        worker=worker,
    )
    take_over_telling: providers.Provider[TakeOverTelling] = providers.Singleton(
        TakeOverTelling, clock=clock, findings=findings, tell=tell_findings
    )
    view_findings: providers.Provider[ViewFindings] = providers.Singleton(
        ViewFindings, findings=findings
    )
    view_orphans: providers.Provider[ViewOrphans] = providers.Singleton(
        ViewOrphans, orphans=orphans
    )
    repair_difference: providers.Provider[RepairDifference] = providers.Singleton(
        RepairDifference,
        drive=drive,
        drive_money=drive_money,
        drive_orphan=drive_orphan,
        follow_session=follow_session,
        history=history,
        learn_dispute=learn_dispute,
        learn_refund=learn_refund,
        orphans=orphans,
        payments=payments,
        programs=programs,
        purchases=purchases,
        refunds=refunds,
        replay_event=replay_event,
    )
    reconcile: providers.Provider[Reconcile] = providers.Singleton(
        Reconcile, find=find_differences, repair=repair_difference
    )
    reconcile_one: providers.Provider[ReconcileOne] = providers.Singleton(
        ReconcileOne,
        clock=clock,
        find=find_differences,
        livemode=livemode,
        payments=payments,
        purchases=purchases,
        refunds=refunds,
        repair=repair_difference,
        survey=survey,
    )
    repair_finding: providers.Provider[RepairFinding] = providers.Singleton(
        RepairFinding, audit=audit, clock=clock, findings=findings, reconcile=reconcile
    )
