"""Look for disputes that our purchases do not show as they are."""

from collections.abc import AsyncGenerator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from application.inspect_payments import in_payments
from application.inspection import Scope, compared, the_same
from application.ports.payment_history import PaymentHistory
from application.ports.survey import Survey
from domain.differences import in_dispute
from domain.disputes import DisputeReport
from domain.findings import Finding, FindingKind

KINDS: Final = frozenset({FindingKind.UNKNOWN_DISPUTE, FindingKind.UNREADABLE})


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectDisputes:
    """Compare the disputes that the provider lists with what our purchases show."""

    history: PaymentHistory
    survey: Survey

    @property
    def name(self) -> str:
        return "disputes"

    @property
    def kinds(self) -> AbstractSet[FindingKind]:
        return KINDS

    def findings(self, scope: Scope) -> AsyncGenerator[Finding, None]:
        """Look at each dispute that was opened since then.

        Raises:
            PaymentGatewayUnavailable: the rest was not seen.
            StorageUnavailable: likewise.
        """
        listed = self.history.disputes_since(scope.since)
        return compared(listed, lambda reports: self._in(reports, scope))

    async def again(self, finding: Finding, scope: Scope) -> Finding | None:
        """Look at the one dispute.

        Raises:
            PaymentGatewayUnavailable: it is not known.
            StorageUnavailable: likewise.
        """
        if finding.kind is FindingKind.UNREADABLE:
            return None  # who looks at purchases looks at it again
        report = await self.history.dispute(finding.subject)
        reports = [] if report is None else [report]
        return the_same(finding, await self._in(reports, scope))

    async def _in(
        self, reports: Sequence[DisputeReport], scope: Scope
    ) -> list[Finding]:
        there = scope.patience.there
        settled = [each for each in reports if there.is_over(each.dispute.opened_at)]
        return await in_payments(
            self.survey,
            settled,
            lambda report, row: in_dispute(report, row, scope.patience),
        )
