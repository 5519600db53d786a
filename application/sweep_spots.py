"""Give back the spots that ended purchases still hold."""

from dataclasses import dataclass
from typing import Final

from application.batches import in_parts
from application.ports.programs import ProgramRepository
from application.ports.purchases import PurchaseRepository
from domain.ids import ProgramId

PROGRAMS_AT_ONCE: Final = 100
HOLDERS_AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepSpots:
    """Release by purchase id what a crash left held after its purchase had ended.

    Only of terminal purchases, however old the others are, and never by counting:
    terminal is for ever, so a release is right whenever it comes (invariant I11).
    """

    programs: ProgramRepository
    purchases: PurchaseRepository

    async def __call__(self) -> int:
        """Look at all spots of all programs and return how many were given back.

        Raises:
            StorageUnavailable: the next round goes on.
        """
        released = 0
        last: ProgramId | None = None
        while found := await self.programs.ids_with_holders(
            after=last, limit=PROGRAMS_AT_ONCE
        ):
            for program_id in found:
                released += await self._sweep(program_id)
            last = found[-1]
        return released

    async def _sweep(self, program_id: ProgramId) -> int:
        released = 0
        holders = await self.programs.spot_holders(program_id)
        for some in in_parts(sorted(holders), size=HOLDERS_AT_ONCE):
            for over in sorted(await self.purchases.terminal_among(some)):
                released += await self.programs.release_spot(program_id, over)
        return released
