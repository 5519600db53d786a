"""The use cases that need nothing but what is stored."""

from dependency_injector import containers, providers

from application.check_access import CheckAccess
from application.create_program import CreateProgram
from application.ports.programs import ProgramRepository
from application.ports.purchases import PurchaseRepository
from application.view_programs import ViewPrograms
from application.view_purchases import ViewPurchases


class Views(containers.DeclarativeContainer):
    """What people look at, and what an admin puts up for sale."""

    programs: providers.Provider[ProgramRepository] = providers.Dependency()
    purchases: providers.Provider[PurchaseRepository] = providers.Dependency()

    check_access: providers.Provider[CheckAccess] = providers.Singleton(
        CheckAccess, programs=programs, purchases=purchases
    )
    create_program: providers.Provider[CreateProgram] = providers.Singleton(
        CreateProgram, programs=programs
    )
    view_programs: providers.Provider[ViewPrograms] = providers.Singleton(
        ViewPrograms, programs=programs
    )
    view_purchases: providers.Provider[ViewPurchases] = providers.Singleton(
        ViewPurchases, purchases=purchases
    )
