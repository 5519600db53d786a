"""The service with one thing wrong in it: each of these trusts the order of events."""

from dataclasses import replace
from typing import Any, Final

from application.learn_dispute import LearnDispute
from application.learn_refund import LearnRefund
from application.match_payment import Mark, Match, MatchPayment, Stranger
from application.ports.payment_events import PaymentEvent
from application.receive_event import EventOutcome, ReceivePaymentEvent
from domain.disputes import DisputeReport
from domain.purchase import Purchase
from domain.refunding import WORD_OF, RefundReport, with_rows


class BelievesTheLastWord(LearnRefund):
    """Takes what it heard last about a refund for what happened last."""

    async def of(self, purchase: Purchase, *reports: RefundReport, by: str) -> Purchase:
        purchase = await super().of(purchase, *reports, by=by)
        words = {report.id: WORD_OF[report.status] for report in reports}

        def rule(before: Purchase) -> Purchase:
            rows = (
                replace(row, state=words.get(row.stripe_id or "", row.state))
                for row in before.refunds
            )
            return with_rows(before, tuple(rows))

        return await self.move(purchase, rule, by=by)


class BelievesTheLastWordOnADispute(LearnDispute):
    """Takes what it heard last about a dispute for what happened last."""

    async def __call__(self, report: DisputeReport, *, by: str) -> Match:
        purchase = await super().__call__(report, by=by)
        if not isinstance(purchase, Purchase):
            return purchase
        return await self.move(
            purchase, lambda before: replace(before, dispute=report.dispute), by=by
        )


class KnowsNoPaymentBeforeItsEvent(MatchPayment):
    """Expects word of a payment before word of its refund."""

    async def __call__(self, payment_intent: str, mark: Mark, *, by: str) -> Match:
        found = await self.purchases.find_by_payment_intent(payment_intent)
        return found or Stranger.ORPHAN


class HearsOfEachRefundOnce(ReceivePaymentEvent):
    """Takes whatever is told again of a refund for a copy of the first event."""

    async def __call__(self, event: PaymentEvent) -> EventOutcome:
        refund = event.refund
        if refund is not None:
            purchases = self.find_by_session.purchases
            known = await purchases.find_by_payment_intent(refund.payment_intent)
            if known and any(row.stripe_id == refund.id for row in known.refunds):
                return EventOutcome.APPLIED
        return await super().__call__(event)


CARELESS: Final[dict[str, type[Any]]] = {
    "learn_dispute": BelievesTheLastWordOnADispute,
    "learn_refund": BelievesTheLastWord,
    "match_payment": KnowsNoPaymentBeforeItsEvent,
    "receive_event": HearsOfEachRefundOnce,
}
