"""Programs as they were read a moment ago, so that not every checkout reads one."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from application.ports.clock import Clock
from application.ports.programs import ProgramRepository
from domain.ids import ProgramId
from domain.program import Program

KEPT_FOR: Final = timedelta(seconds=30)
PROGRAMS_MAX: Final = 1_000  # the one read longest ago makes room (invariant I20)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    program: Program
    at: datetime  # when the reading began


@dataclass(slots=True, kw_only=True)
class ProgramsOnHand:
    """What this process last read of each program, for half a minute.

    It makes a yes quicker and decides nothing (invariant I19): what it offers is
    verified where it is written, and what it refuses is read again (docs/adr/0028).
    """

    clock: Clock
    programs: ProgramRepository
    _kept: dict[ProgramId, _Read] = field(default_factory=dict, init=False)
    _changes: int = field(default=0, init=False)

    def find(self, program_id: ProgramId) -> Program | None:
        """Return a program as it was read lately; None: it was not.

        A clock that went back says nothing about how long ago that was.
        """
        known = self._kept.get(program_id)
        if known is None:
            return None
        age = self.clock.now() - known.at
        return known.program if timedelta(0) <= age < KEPT_FOR else None

    async def read(self, program_id: ProgramId) -> Program:
        """Return a program as it is now, and keep it.

        Raises:
            ProgramNotFound: no such program.
            StorageUnavailable: it could not be read.
        """
        at, changes = self.clock.now(), self._changes
        program = await self.programs.get(program_id)
        if changes == self._changes:  # or it may be from before the change
            self._kept.pop(program_id, None)
            self._kept[program_id] = _Read(program=program, at=at)
            if len(self._kept) > PROGRAMS_MAX:
                del self._kept[next(iter(self._kept))]
        return program

    def forget(self, program_id: ProgramId) -> None:
        """Read it again next time: this process has changed it, or learnt of it."""
        self._changes += 1
        self._kept.pop(program_id, None)

    def forget_all(self) -> None:
        """Begin anew, as a process does."""
        self._changes += 1
        self._kept.clear()
