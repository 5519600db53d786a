"""Look for payments and open pages that no purchase of ours would ask about."""

from collections.abc import AsyncGenerator, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from application.inspect_purchases import unreadable
from application.inspection import Scope, compared, the_same
from application.ports.orphans import OrphanRepository
from application.ports.payment_history import PaymentHistory
from application.ports.payments import PaymentGateway
from application.ports.purchases import PurchaseRepository
from application.ports.survey import Survey, SurveyedPurchase, UnreadablePurchase
from domain.checkout import CheckoutSession
from domain.differences import in_session
from domain.findings import Finding, FindingKind
from domain.ids import SessionId
from domain.settlement import LivemodeMismatch

KINDS: Final = frozenset(
    {
        FindingKind.AMOUNT_MISMATCH,
        FindingKind.DOUBLE_PAID,
        FindingKind.LATE_MONEY,
        FindingKind.ORPHAN_PAYMENT,
        FindingKind.ORPHAN_SESSION,
        FindingKind.PAID_UNKNOWN,
        FindingKind.STRAY_SESSION,
        FindingKind.UNPROVEN_PAYMENT,
        FindingKind.UNREADABLE,
    }
)

OF_MONEY: Final = frozenset(
    {
        FindingKind.AMOUNT_MISMATCH,
        FindingKind.DOUBLE_PAID,
        FindingKind.LATE_MONEY,
        FindingKind.ORPHAN_PAYMENT,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectSessions:
    """Compare the sessions that the provider lists with the purchases they name."""

    app: str
    environment: str
    history: PaymentHistory
    livemode: bool
    orphans: OrphanRepository
    payments: PaymentGateway
    purchases: PurchaseRepository
    survey: Survey

    @property
    def name(self) -> str:
        return "sessions"

    @property
    def kinds(self) -> AbstractSet[FindingKind]:
        return KINDS

    def findings(self, scope: Scope) -> AsyncGenerator[Finding, None]:
        """Look at each session of ours that was created since then.

        Raises:
            PaymentGatewayUnavailable: the rest was not seen.
            StorageUnavailable: likewise.
        """
        listed = self.history.sessions_since(scope.since)
        return compared(listed, lambda sessions: self._in_ours(sessions, scope))

    async def again(self, finding: Finding, scope: Scope) -> Finding | None:
        """Look at the one session.

        Raises:
            PaymentGatewayUnavailable: it is not known.
            StorageUnavailable: likewise.
        """
        if not finding.subject.startswith("cs_"):
            return None
        session = await self.payments.get_session(SessionId(finding.subject))
        return the_same(finding, await self._in([session], scope))

    async def _in_ours(
        self, sessions: Sequence[CheckoutSession], scope: Scope
    ) -> list[Finding]:
        return await self._in([each for each in sessions if self._is_ours(each)], scope)

    async def _in(
        self, sessions: Sequence[CheckoutSession], scope: Scope
    ) -> list[Finding]:
        ids = {each.purchase_id for each in sessions if each.purchase_id is not None}
        rows = await self.survey.among(ids) if ids else ()
        known = {row.id: row for row in rows}
        found: list[Finding] = []
        for session in sessions:
            row: SurveyedPurchase | None
            if session.purchase_id is None:
                row = await self.purchases.find_by_session(session.id)
            else:
                row = known.get(session.purchase_id)
            found.extend(
                [
                    finding
                    for finding in self._compare(session, row, scope)
                    if not await self._is_recorded(session, finding)
                ]
            )
        return found

    async def _is_recorded(self, session: CheckoutSession, finding: Finding) -> bool:
        """Say whether an orphan stands for its money, and shows what comes of it."""
        if finding.kind not in OF_MONEY:
            return False
        orphan = await self.orphans.find(session.payment_intent or session.id)
        return orphan is not None and not orphan.is_matched

    def _compare(
        self, session: CheckoutSession, row: SurveyedPurchase | None, scope: Scope
    ) -> Iterator[Finding]:
        if isinstance(row, UnreadablePurchase):
            yield unreadable(row)
        elif session.livemode is not self.livemode:
            yield Finding.of(
                FindingKind.UNREADABLE, session.id, error=LivemodeMismatch.code
            )
        else:
            yield from in_session(session, row, scope.patience, livemode=self.livemode)

    def _is_ours(self, session: CheckoutSession) -> bool:
        return (session.app, session.environment) == (self.app, self.environment)
