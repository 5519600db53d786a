"""Look for refunds that our purchases do not show as they are."""

from collections.abc import AsyncGenerator, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from application.inspect_purchases import unreadable
from application.inspection import Scope, in_batches, the_same
from application.ports.payment_history import PaymentHistory
from application.ports.refunds import RefundGateway
from application.ports.survey import Survey, SurveyedPurchase, UnreadablePurchase
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

    async def findings(self, scope: Scope) -> AsyncGenerator[Finding, None]:
        """Look at each refund that was made since then, by whomever.

        Raises:
            PaymentGatewayUnavailable: the rest was not seen.
            StorageUnavailable: likewise.
        """
        listed = self.history.refunds_since(scope.since)
        async with aclosing(in_batches(listed)) as batches:
            async for batch in batches:
                for finding in await self._in(batch, scope):
                    yield finding

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
        intents = {report.payment_intent for report in reports}
        paid = await self.survey.paid_by(intents)
        return [
            finding
            for report in reports
            if scope.patience.there.is_over(report.created_at)
            for finding in _compare(report, paid.get(report.payment_intent), scope)
        ]


def _compare(
    report: RefundReport, row: SurveyedPurchase | None, scope: Scope
) -> Iterator[Finding]:
    if isinstance(row, UnreadablePurchase):
        yield unreadable(row)
    elif row is not None:
        yield from in_refund(report, row, scope.patience)
