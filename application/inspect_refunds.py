"""Look for refunds that our purchases do not show as they are."""

from collections.abc import AsyncGenerator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from application.inspect_payments import in_payments
from application.inspection import Scope, compared, the_same
from application.ports.payment_history import PaymentHistory
from application.ports.refunds import RefundGateway
from application.ports.survey import Survey
from domain.differences import in_refund
from domain.findings import Finding, FindingKind
from domain.refunding import RefundReport

KINDS: Final = frozenset(
    {
        FindingKind.REFUNDED_BUT_ACTIVE,
        FindingKind.UNKNOWN_REFUND,
        FindingKind.UNREADABLE,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectRefunds:
    """Compare the refunds that the provider lists with the rows of our purchases.

    A payment that no purchase names shows among the sessions; what went back of it
    counts once it is named.
    """

    history: PaymentHistory
    refunds: RefundGateway
    survey: Survey

    @property
    def name(self) -> str:
        return "refunds"

    @property
    def kinds(self) -> AbstractSet[FindingKind]:
        return KINDS

    def findings(self, scope: Scope) -> AsyncGenerator[Finding, None]:
        """Look at each refund that was made since then, by whomever.

        Raises:
            PaymentGatewayUnavailable: the rest was not seen.
            StorageUnavailable: likewise.
        """
        listed = self.history.refunds_since(scope.since)
        return compared(listed, lambda reports: self._in(reports, scope))

    async def again(self, finding: Finding, scope: Scope) -> Finding | None:
        """Look at the one refund.

        Raises:
            PaymentGatewayUnavailable: it is not known.
            StorageUnavailable: likewise.
        """
        if finding.kind is FindingKind.UNREADABLE:
            return None  # who looks at purchases looks at it again
        report = await self.refunds.get_refund(finding.subject)
        return the_same(finding, await self._in([report], scope))

    async def _in(self, reports: Sequence[RefundReport], scope: Scope) -> list[Finding]:
        there = scope.patience.there
        settled = [each for each in reports if there.is_over(each.created_at)]
        return await in_payments(
            self.survey,
            settled,
            lambda report, row: in_refund(report, row, scope.patience),
        )
