"""Reconcile a single purchase: all that the provider knows of it, and nothing else."""

from collections.abc import AsyncGenerator, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from application.find_differences import REACH, Differences, FindDifferences
from application.inspect_purchases import unreadable
from application.inspection import Inspection, Scope
from application.ports.clock import Clock
from application.ports.payments import PaymentGateway
from application.ports.purchases import AdminAct, PurchaseNotFound, PurchaseRepository
from application.ports.refunds import RefundGateway
from application.ports.survey import Survey
from application.reconcile import Reconcile, Repaired
from application.repair_difference import RepairDifference
from domain.differences import PATIENCE, in_purchase, in_refund, in_session
from domain.findings import Finding, FindingKind
from domain.ids import PurchaseId, SessionId
from domain.purchase import Purchase
from domain.spot_books import in_holders, missing_spot

ACT: Final = "repair"


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectOne:
    """Compare one purchase with its sessions, its payments' refunds, and its spot.

    Disputes are not looked for: the provider lists them by time, and the whole
    inspection does that.
    """

    livemode: bool
    others: Sequence[Inspection]
    payments: PaymentGateway
    purchase_id: PurchaseId
    refunds: RefundGateway
    survey: Survey

    @property
    def name(self) -> str:
        return "purchase"

    @property
    def kinds(self) -> AbstractSet[FindingKind]:
        return frozenset(FindingKind)

    async def findings(self, scope: Scope) -> AsyncGenerator[Finding, None]:
        """Yield what is not as it should be.

        Raises:
            PaymentGatewayUnavailable: the rest was not seen.
            StorageUnavailable: likewise.
        """
        for row in await self.survey.among([self.purchase_id]):
            if not isinstance(row, Purchase):
                yield unreadable(row)
                continue
            for finding in in_purchase(row, scope.patience):
                yield finding
            for look in (self._in_spots, self._in_sessions, self._in_refunds):
                for finding in await look(row, scope):
                    yield finding

    async def again(self, finding: Finding, scope: Scope) -> Finding | None:
        """Look at the subject as whoever inspects its kind does."""
        for inspection in self.others:
            if finding.kind in inspection.kinds:
                found = await inspection.again(finding, scope)
                if found is not None:
                    return found
        return None

    async def _in_spots(self, purchase: Purchase, _scope: Scope) -> list[Finding]:
        book = await self.survey.spot_book(purchase.program.id)
        if book is None:
            return []
        if purchase.id in book.holders:
            own = replace(book, holders=(purchase.id,))
            return list(in_holders(own, {purchase.id: purchase}))
        return [missing_spot(purchase)] if purchase.holds_a_spot else []

    async def _in_sessions(self, purchase: Purchase, scope: Scope) -> list[Finding]:
        sessions = [
            await self.payments.get_session(each) for each in _sessions_of(purchase)
        ]
        return [
            finding
            for session in sessions
            for finding in in_session(
                session, purchase, scope.patience, livemode=self.livemode
            )
        ]

    async def _in_refunds(self, purchase: Purchase, scope: Scope) -> list[Finding]:
        there = scope.patience.there
        reports = [
            report
            for intent in _intents_of(purchase)
            for report in await self.refunds.refunds_of(intent)
        ]
        return [
            finding
            for report in reports
            if there.is_over(report.created_at)
            for finding in in_refund(report, purchase, scope.patience)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileOne:
    """A plan of one purchase, and exactly that plan: as `Reconcile` does for all."""

    clock: Clock
    find: FindDifferences
    livemode: bool
    payments: PaymentGateway
    purchases: PurchaseRepository
    refunds: RefundGateway
    repair: RepairDifference
    survey: Survey

    async def plan(
        self, purchase_id: PurchaseId, *, patience: timedelta = PATIENCE
    ) -> Differences:
        """Find the differences of one purchase; nothing is written."""
        return await self._of(purchase_id).plan(patience=patience)

    async def apply(
        self,
        purchase_id: PurchaseId,
        plan_hash: str,
        *,
        by: str,
        patience: timedelta = PATIENCE,
    ) -> AsyncGenerator[Repaired, None]:
        """Do a plan, and say of each finding what became of it.

        It is written in the purchase first who applied which plan.

        Raises:
            PlanChanged: something else is found now; nothing was done.
            PurchaseNotFound: there is no such purchase, or it cannot be read.
            StorageUnavailable: ask again; every step may be repeated.
        """
        if not await self.survey.among([purchase_id]):
            raise PurchaseNotFound
        act = AdminAct(what=ACT, by=by, why=f"plan {plan_hash}", at=self.clock.now())
        await self.purchases.note_act(purchase_id, act)
        one = self._of(purchase_id)
        async for done in one.apply(plan_hash, by=by, reach=REACH, patience=patience):
            yield done

    def _of(self, purchase_id: PurchaseId) -> Reconcile:
        inspection = InspectOne(
            livemode=self.livemode,
            others=self.find.inspections,
            payments=self.payments,
            purchase_id=purchase_id,
            refunds=self.refunds,
            survey=self.survey,
        )
        find = replace(self.find, inspections=[inspection])
        return Reconcile(find=find, repair=self.repair)


def _sessions_of(purchase: Purchase) -> Iterator[SessionId]:
    """Return the sessions that a purchase names, each once."""
    own = [] if purchase.session is None else [purchase.session.id]
    paid = [] if purchase.paid is None else [purchase.paid.session_id]
    extra = [row.session_id for row in purchase.extra_payments]
    yield from dict.fromkeys([*own, *paid, *extra])


def _intents_of(purchase: Purchase) -> Iterator[str]:
    paid = [] if purchase.paid is None else [purchase.paid.payment_intent]
    extra = [row.payment_intent for row in purchase.extra_payments]
    yield from (intent for intent in dict.fromkeys([*paid, *extra]) if intent)
