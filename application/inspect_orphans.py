"""Look for money that no purchase names and that does not go back by itself."""

from collections.abc import AsyncGenerator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from application.inspection import Scope, the_same
from application.ports.orphans import OrphanRepository
from domain.differences import in_orphan
from domain.findings import Finding, FindingKind

LOOKED_AT_MAX: Final = 1_000
KINDS: Final = frozenset(
    {
        FindingKind.DISPUTE_OPEN,
        FindingKind.ORPHAN_PAYMENT,
        FindingKind.REFUND_FAILED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectOrphans:
    """Look at the orphans for which anybody still waits.

    Of the thousand oldest; whoever has more looks at those first.
    """

    orphans: OrphanRepository

    @property
    def name(self) -> str:
        return "orphans"

    @property
    def kinds(self) -> AbstractSet[FindingKind]:
        return KINDS

    async def findings(self, scope: Scope) -> AsyncGenerator[Finding, None]:
        """Look at each orphan, the oldest first.

        Raises:
            StorageUnavailable: the rest was not seen.
        """
        for orphan in await self.orphans.open_orphans(limit=LOOKED_AT_MAX):
            for finding in in_orphan(orphan, scope.patience):
                yield finding

    async def again(self, finding: Finding, scope: Scope) -> Finding | None:
        """Look at the one orphan.

        Raises:
            StorageUnavailable: it is not known.
        """
        orphan = await self.orphans.find(str(finding.evidence.get("payment")))
        if orphan is None:
            return None
        return the_same(finding, in_orphan(orphan, scope.patience))
