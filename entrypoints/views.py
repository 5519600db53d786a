"""The use cases that need no provider and no mail."""

from datetime import timedelta

from dependency_injector import providers

from application.check_access import CheckAccess
from application.create_program import CreateProgram
from application.ports.audit import AuditLog
from application.ports.programs import ProgramRepository
from application.ports.purchases import PurchaseRepository
from application.refund_eligibility import RefundEligibility
from application.view_audit import ViewAudit
from application.view_programs import ViewPrograms
from application.view_purchases import ViewPurchases
from entrypoints.idempotency import IdempotencyUseCases


class Views(IdempotencyUseCases):
    """What people look at, and what an admin puts up for sale."""

    refund_window: providers.Provider[timedelta] = providers.Dependency(
        instance_of=timedelta
    )

    audit: providers.Provider[AuditLog] = providers.Dependency()
    clock = IdempotencyUseCases.clock
    programs: providers.Provider[ProgramRepository] = providers.Dependency()
    purchases: providers.Provider[PurchaseRepository] = providers.Dependency()

    check_access: providers.Provider[CheckAccess] = providers.Singleton(
        CheckAccess, programs=programs, purchases=purchases
    )
    create_program: providers.Provider[CreateProgram] = providers.Singleton(
        CreateProgram, programs=programs
    )
    refund_eligibility: providers.Provider[RefundEligibility] = providers.Singleton(
        RefundEligibility, clock=clock, purchases=purchases, window=refund_window
    )
    view_audit: providers.Provider[ViewAudit] = providers.Singleton(
        ViewAudit, audit=audit
    )
    view_programs: providers.Provider[ViewPrograms] = providers.Singleton(
        ViewPrograms, programs=programs
    )
    view_purchases: providers.Provider[ViewPurchases] = providers.Singleton(
        ViewPurchases, purchases=purchases
    )
