"""Give back the spot of a purchase that is over."""

from dataclasses import dataclass

from application.ports.programs import ProgramRepository
from domain.purchase import Purchase


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseSpot:
    """Release by purchase id, any number of times, once to any effect.

    It is right at any time after the purchase was read terminal, because terminal never
    changes (protocol 3.2, RELEASE).
    """

    programs: ProgramRepository

    async def __call__(self, purchase: Purchase) -> None:
        """Release the spot of a terminal purchase; others keep theirs.

        Raises:
            StorageUnavailable: it may still be held; reconcile releases it.
        """
        if purchase.is_terminal and purchase.is_class_rep:
            await self.programs.release_spot(purchase.program.id, purchase.id)
