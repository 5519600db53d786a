"""What buyers look at, which needs no provider and no mail."""

from datetime import timedelta

from dependency_injector import providers

from application.check_access import CheckAccess
from application.ports.purchases import PurchaseRepository
from application.refund_eligibility import RefundEligibility
from application.view_purchases import ViewPurchases
from entrypoints.program_desk import ProgramDesk


class Views(ProgramDesk):
    """What people look at, and what an admin puts up for sale."""

    refund_window: providers.Provider[timedelta] = providers.Dependency(
        instance_of=timedelta
    )

    clock = ProgramDesk.clock
    programs = ProgramDesk.programs
    purchases: providers.Provider[PurchaseRepository] = providers.Dependency()

    check_access: providers.Provider[CheckAccess] = providers.Singleton(
        CheckAccess, programs=programs, purchases=purchases
    )
    refund_eligibility: providers.Provider[RefundEligibility] = providers.Singleton(
        RefundEligibility, clock=clock, purchases=purchases, window=refund_window
    )
    view_purchases: providers.Provider[ViewPurchases] = providers.Singleton(
        ViewPurchases, purchases=purchases
    )
