"""An admin puts a program up for sale."""

from dataclasses import dataclass
from zoneinfo import available_timezones

from application.ports.programs import ProgramRepository
from domain.program import InvalidTerms, Program


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateProgram:
    programs: ProgramRepository

    async def __call__(self, program: Program) -> None:
        """Store a new program.

        Raises:
            InvalidTerms: its time zone is in no list of time zones.
            ProgramExists: its id is taken.
            StorageUnavailable: ask again; it may be stored.
        """
        if program.time_zone not in available_timezones():
            raise InvalidTerms("timeZone", f"{program.time_zone!r} is no time zone")
        await self.programs.add(program)
