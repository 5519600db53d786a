"""Look for disputes that our purchases do not show as they are."""

from collections.abc import AsyncGenerator, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.inspect_purchases import unreadable
from application.inspection import Scope, in_batches, the_same
from application.ports.payment_history import PaymentHistory
from application.ports.survey import Survey, SurveyedPurchase, UnreadablePurchase
from domain.differences import in_dispute
from domain.disputes import DisputeReport
from domain.findings import Finding, FindingKind

LISTED_FOR: Final = timedelta(days=30)
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

    async def findings(self, scope: Scope) -> AsyncGenerator[Finding, None]:
        """Look at each dispute that was opened since then.

        Raises:
            PaymentGatewayUnavailable: the rest was not seen.
            StorageUnavailable: likewise.
        """
        listed = self.history.disputes_since(scope.since)
        async with aclosing(in_batches(listed)) as batches:
            async for batch in batches:
                for finding in await self._in(batch, scope):
                    yield finding

    async def again(self, finding: Finding, scope: Scope) -> Finding | None:
        """Look for the one dispute among those that are listed.

        Raises:
            PaymentGatewayUnavailable: it is not known.
            StorageUnavailable: likewise.
        """
        if finding.kind is FindingKind.UNREADABLE:
            return None  # who looks at purchases looks at it again
        since = scope.patience.provider_at - LISTED_FOR
        async with aclosing(self.history.disputes_since(since)) as listed:
            async for report in listed:
                if report.dispute.id == finding.subject:
                    return the_same(finding, await self._in([report], scope))
        return None

    async def _in(
        self, reports: Sequence[DisputeReport], scope: Scope
    ) -> list[Finding]:
        intents = {report.payment_intent for report in reports}
        paid = await self.survey.paid_by(intents)
        return [
            finding
            for report in reports
            if scope.patience.there.is_over(report.dispute.opened_at)
            for finding in _compare(report, paid.get(report.payment_intent), scope)
        ]


def _compare(
    report: DisputeReport, row: SurveyedPurchase | None, scope: Scope
) -> Iterator[Finding]:
    if isinstance(row, UnreadablePurchase):
        yield unreadable(row)
    elif row is not None:
        yield from in_dispute(report, row, scope.patience)
