"""The use cases about programs, which need no provider and no mail."""

from dependency_injector import providers

from application.act_on_program import ActOnProgram
from application.alter_program import AlterProgram
from application.change_program import ChangeProgram
from application.create_program import CreateProgram
from application.ports.audit import AuditLog
from application.ports.programs import ProgramRepository
from application.ports.survey import Survey
from application.preview_prices import PreviewPrices
from application.programs_on_hand import ProgramsOnHand
from application.view_audit import ViewAudit
from application.view_programs import ViewPrograms
from application.view_programs_as_admin import ViewProgramsAsAdmin
from application.view_spots import ViewSpots
from entrypoints.idempotency import IdempotencyUseCases


class ProgramDesk(IdempotencyUseCases):
    """What is for sale, and what admins do about it."""

    audit: providers.Provider[AuditLog] = providers.Dependency()
    clock = IdempotencyUseCases.clock
    programs: providers.Provider[ProgramRepository] = providers.Dependency()
    survey: providers.Provider[Survey] = providers.Dependency()

    programs_on_hand: providers.Provider[ProgramsOnHand] = providers.Singleton(
        ProgramsOnHand, clock=clock, programs=programs
    )
    alter_program: providers.Provider[AlterProgram] = providers.Singleton(
        AlterProgram,
        audit=audit,
        clock=clock,
        on_hand=programs_on_hand,
        programs=programs,
    )
    act_on_program: providers.Provider[ActOnProgram] = providers.Singleton(
        ActOnProgram, alter=alter_program
    )
    change_program: providers.Provider[ChangeProgram] = providers.Singleton(
        ChangeProgram, alter=alter_program
    )
    create_program: providers.Provider[CreateProgram] = providers.Singleton(
        CreateProgram, audit=audit, clock=clock, programs=programs
    )
    preview_prices: providers.Provider[PreviewPrices] = providers.Singleton(
        PreviewPrices, clock=clock
    )
    view_audit: providers.Provider[ViewAudit] = providers.Singleton(
        ViewAudit, audit=audit
    )
    view_programs: providers.Provider[ViewPrograms] = providers.Singleton(
        ViewPrograms, programs=programs
    )
    view_programs_as_admin: providers.Provider[ViewProgramsAsAdmin] = (
        providers.Singleton(ViewProgramsAsAdmin, programs=programs, survey=survey)
    )
    view_spots: providers.Provider[ViewSpots] = providers.Singleton(
        ViewSpots, survey=survey
    )
