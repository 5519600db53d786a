"""Refunds in memory, of the payments that a `FakePaymentGateway` took."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias

from application.ports.payment_events import ChargeReport, EventKind
from application.ports.payments import PaymentGatewayUnavailable
from application.ports.refunds import RefundRefused
from domain.checkout import CheckoutSession
from domain.disputes import FINAL_DISPUTE, Dispute, DisputeReport, DisputeState
from domain.ids import PurchaseId
from domain.money import Money
from domain.refunding import RefundReport, RefundStatus
from entrypoints.simulation.outside.payments import KEYS_KEPT, FakePaymentGateway, known

CAME_TO_NOTHING = frozenset({RefundStatus.FAILED, RefundStatus.CANCELED})
INQUIRIES = frozenset(
    {DisputeState.WARNING_NEEDS_RESPONSE, DisputeState.WARNING_UNDER_REVIEW}
)

Request: TypeAlias = tuple[str, int | None, PurchaseId | None, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedRefund:
    """What an idempotency key repeats, whatever has happened since."""

    request: Request
    saved_at: datetime
    answer: RefundReport | RefundRefused


@dataclass(kw_only=True)
class FakeRefundGateway:
    """Shares the gate, the clock, the calls and the losses of `payments`.

    `created` counts refunds by the row that they carry, None for those made outside.
    """

    payments: FakePaymentGateway
    refunds: dict[str, RefundReport] = field(default_factory=dict)
    begin_as: RefundStatus = RefundStatus.SUCCEEDED
    disputes: dict[str, DisputeReport] = field(default_factory=dict)
    charged_back: set[str] = field(default_factory=set)
    created: "Counter[str | None]" = field(default_factory=Counter)
    keys: dict[str, SavedRefund] = field(default_factory=dict)

    # --- The port ---------------------------------------------------------------

    async def create_refund(
        self,
        *,
        key: str,
        payment_intent: str,
        amount: int | None,
        purchase_id: PurchaseId | None,
        row_id: str,
    ) -> RefundReport:
        def act() -> RefundReport:
            request = (payment_intent, amount, purchase_id, row_id)
            saved = self.keys.get(key)
            if saved is None or self.payments.now() - saved.saved_at >= KEYS_KEPT:
                saved = self.keys[key] = self._answer(request)
            if saved.request != request:
                raise PaymentGatewayUnavailable("idempotency_error")
            if isinstance(saved.answer, RefundRefused):
                raise saved.answer
            return saved.answer

        return await self.payments.ask("create_refund", act)

    async def get_refund(self, refund_id: str) -> RefundReport:
        return await self.payments.ask(
            "get_refund", lambda: known(self.refunds, refund_id)
        )

    async def refunds_of(self, payment_intent: str) -> Sequence[RefundReport]:
        return await self.payments.ask(
            "refunds_of", lambda: self.listed(payment_intent)
        )

    async def owner_of(self, payment_intent: str) -> PurchaseId | None:
        def act() -> PurchaseId | None:
            session = self.session_of(payment_intent)
            ours = ("spothold", self.payments.environment)
            is_ours = (session.app, session.environment) == ours
            return session.purchase_id if is_ours else None

        return await self.payments.ask("owner_of", act)

    # --- What others do ---------------------------------------------------------

    def refund_outside(
        self, payment_intent: str, amount: int | None = None
    ) -> RefundReport:
        """Refund as somebody does in the dashboard.

        Raises:
            RefundRefused: no more than that is left, or the bank took it.
        """
        return self._make(payment_intent, amount, None, None)

    def settle(self, refund_id: str, status: RefundStatus) -> RefundReport:
        """Let the bank answer, also after it had said that the refund succeeded."""
        refund = replace(self.refunds[refund_id], status=status)
        self.refunds[refund_id] = refund
        self.payments.record(EventKind.REFUND_UPDATED, refund)
        if status is RefundStatus.FAILED:
            self.payments.record(EventKind.REFUND_FAILED, refund)
        return refund

    def dispute(
        self,
        payment_intent: str,
        amount: int | None = None,
        *,
        state: DisputeState = DisputeState.NEEDS_RESPONSE,
    ) -> DisputeReport:
        """Let a bank take a payment into question; all of it, if not said otherwise.

        It takes the money at once, unless it only inquires.
        """
        session = self.session_of(payment_intent)
        money = session.amount_total if amount is None else amount
        report = DisputeReport(
            payment_intent=payment_intent,
            dispute=Dispute(
                id=f"dp_{len(self.disputes) + 1}",
                state=state,
                amount=Money.of(money, session.currency),
                opened_at=self.payments.now(),
            ),
        )
        return self._decide(report, EventKind.DISPUTE_CREATED)

    def move_dispute(self, dispute_id: str, state: DisputeState) -> DisputeReport:
        """Let the bank go on, or decide."""
        report = self.disputes[dispute_id]
        is_over = state in FINAL_DISPUTE
        return self._decide(
            replace(report, dispute=replace(report.dispute, state=state)),
            EventKind.DISPUTE_CLOSED if is_over else EventKind.DISPUTE_UPDATED,
        )

    def charge(self, payment_intent: str) -> ChargeReport:
        """Return what the provider tells of a charge, as it is now."""
        session = self.session_of(payment_intent)
        return ChargeReport(
            id=f"ch_{payment_intent}",
            payment_intent=payment_intent,
            amount_refunded=self.given_back(payment_intent),
            purchase_id=session.purchase_id,
            app=session.app,
            environment=session.environment,
        )

    def listed(self, payment_intent: str) -> list[RefundReport]:
        """Return the refunds of a payment, the latest first."""
        rows = reversed(self.refunds.values())
        return [row for row in rows if row.payment_intent == payment_intent]

    def given_back(self, payment_intent: str) -> int:
        rows = self.listed(payment_intent)
        return sum(row.amount for row in rows if row.status not in CAME_TO_NOTHING)

    def session_of(self, payment_intent: str) -> CheckoutSession:
        sessions = self.payments.sessions.values()
        by_intent = {s.payment_intent: s for s in sessions if s.payment_intent}
        return known(by_intent, payment_intent)

    # --- Inside -----------------------------------------------------------------

    def _answer(self, request: Request) -> SavedRefund:
        """Answer a key for the first time; a refusal is kept under it as well."""
        answer: RefundReport | RefundRefused
        try:
            answer = self._make(*request)
        except RefundRefused as refusal:
            answer = refusal
        return SavedRefund(request=request, saved_at=self.payments.now(), answer=answer)

    def _make(
        self,
        payment_intent: str,
        amount: int | None,
        purchase_id: PurchaseId | None,
        row_id: str | None,
    ) -> RefundReport:
        session = self.session_of(payment_intent)
        left = session.amount_total - self.given_back(payment_intent)
        if payment_intent in self.charged_back:
            raise RefundRefused("charge_disputed")
        if left == 0:
            raise RefundRefused("charge_already_refunded", is_already_refunded=True)
        if amount is not None and amount > left:
            raise RefundRefused("amount")
        self.created[row_id] += 1
        refund = RefundReport(
            id=f"re_{len(self.refunds) + 1}",
            payment_intent=payment_intent,
            amount=left if amount is None else amount,
            currency=session.currency,
            status=self.begin_as,
            created_at=self.payments.now(),
            row_id=row_id,
            purchase_id=purchase_id,
            app="spothold" if row_id else None,
            environment=self.payments.environment if row_id else None,
        )
        self.refunds[refund.id] = refund
        self.payments.record(EventKind.REFUND_CREATED, refund)
        self.payments.record(EventKind.CHARGE_REFUNDED, self.charge(payment_intent))
        return refund

    def _decide(self, report: DisputeReport, kind: EventKind) -> DisputeReport:
        dispute = report.dispute
        self.disputes[dispute.id] = report
        if dispute.forbids_refunds and dispute.state not in INQUIRIES:
            self.charged_back.add(report.payment_intent)
        else:
            self.charged_back.discard(report.payment_intent)
        self.payments.record(kind, report)
        return report
