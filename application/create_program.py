"""An admin puts a program up for sale."""

from dataclasses import dataclass

from application.causes import BY_OPERATOR
from application.ports.audit import AuditEntry, AuditLog, about_program
from application.ports.clock import Clock
from application.ports.programs import ProgramRepository
from application.program_facts import facts_of
from application.terms import as_asked, check_time_zone
from domain.program import Program


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateProgram:
    audit: AuditLog
    clock: Clock
    programs: ProgramRepository

    async def __call__(
        self, program: Program, *, by: str = BY_OPERATOR, why: str = ""
    ) -> None:
        """Write down who means to, then store a new program.

        Raises:
            ProgramExists: its id is taken.
            StorageUnavailable: ask again; it may be stored.
            TermsRefused: its time zone is in no list of time zones.
        """
        with as_asked():
            check_time_zone(program.time_zone)
        await self.audit.note(
            AuditEntry(
                at=self.clock.now(),
                by=by,
                what="create_program",
                subject=about_program(program.id),
                why=why,
                after=facts_of(program),
            )
        )
        await self.programs.add(program)
