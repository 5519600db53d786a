"""Look for purchases that stand still, and for money in them that waits."""

from collections.abc import AsyncGenerator, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from application.inspection import Scope, the_same
from application.ports.survey import Survey, SurveyedPurchase, UnreadablePurchase
from domain.differences import in_purchase
from domain.findings import Finding, FindingKind
from domain.ids import PurchaseId

AT_ONCE: Final = 200
KINDS: Final = frozenset(
    {
        FindingKind.AMOUNT_MISMATCH,
        FindingKind.DEAD_MAIL,
        FindingKind.DISPUTE_OPEN,
        FindingKind.DOUBLE_PAID,
        FindingKind.LATE_MONEY,
        FindingKind.REFUND_FAILED,
        FindingKind.STUCK_PHASE,
        FindingKind.STUCK_REFUND,
        FindingKind.UNPROVEN_PAYMENT,
        FindingKind.UNREADABLE,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectPurchases:
    """Walk over the purchases that are not at rest; nobody outside is asked."""

    survey: Survey

    @property
    def name(self) -> str:
        return "purchases"

    @property
    def kinds(self) -> AbstractSet[FindingKind]:
        return KINDS

    async def findings(self, scope: Scope) -> AsyncGenerator[Finding, None]:
        """Look at each purchase once, by id.

        Raises:
            StorageUnavailable: the rest was not seen.
        """
        last: PurchaseId | None = None
        while batch := await self.survey.restless(after=last, limit=AT_ONCE):
            for purchase in batch:
                for finding in _in(purchase, scope):
                    yield finding
            last = batch[-1].id

    async def again(self, finding: Finding, scope: Scope) -> Finding | None:
        """Look at the one purchase.

        Raises:
            StorageUnavailable: it is not known.
        """
        purchase_id = PurchaseId(str(finding.evidence.get("purchase_id")))
        found = await self.survey.among([purchase_id])
        return the_same(finding, [f for each in found for f in _in(each, scope)])


def _in(purchase: SurveyedPurchase, scope: Scope) -> Iterator[Finding]:
    if isinstance(purchase, UnreadablePurchase):
        yield unreadable(purchase)
    else:
        yield from in_purchase(purchase, scope.patience)


def unreadable(row: UnreadablePurchase) -> Finding:
    return Finding.of(FindingKind.UNREADABLE, row.id, purchase_id=row.id, error=row.why)
