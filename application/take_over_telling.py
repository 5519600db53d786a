"""Somebody began to tell the humans of a difference, and did not come to an end."""

from dataclasses import dataclass
from typing import Final

from application.ports.clock import Clock
from application.ports.findings import FindingRepository, KnownFinding
from application.tell_findings import LEASE, TellFindings
from domain.findings import is_to_be_told

LEFT_MAX: Final = 200  # in one turn; the next goes on


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOverTelling:
    """Tell of what was claimed to be told and was not, soon and not at the next round.

    Whoever had claimed it died, or no way to the humans was open and the pause is over.
    """

    clock: Clock
    findings: FindingRepository
    tell: TellFindings

    async def __call__(self) -> int:
        """Tell of them, and return of how many.

        Raises:
            StorageUnavailable: the next turn goes on.
        """
        at = self.clock.now()
        left = await self.findings.left_untold(at=at, limit=LEFT_MAX)
        for known in left:
            if not is_to_be_told(known.finding, known.told, at=at):
                await self._let_be(known)
        return await self.tell(left)

    async def _let_be(self, known: KnownFinding) -> None:
        """Claim no more what has become harmless meanwhile."""
        at = self.clock.now()
        claim = at + LEASE
        if await self.findings.claim_telling(known, at=at, until=claim):
            await self.findings.give_up_telling(known.finding.id, claim=claim)
