"""The provider says that some of a payment was given back, not by which refund."""

from dataclasses import dataclass

from application.learn_refund import LearnRefund
from application.match_payment import Mark, MatchPayment, Stranger
from application.ports.payment_events import ChargeReport
from application.ports.refunds import RefundGateway
from domain.purchase import Purchase
from domain.refunds import ExtraPaymentState, RefundState

ROWS_TOLD = frozenset({RefundState.SENT, RefundState.DONE})
EXTRAS_TOLD = frozenset({ExtraPaymentState.SENT, ExtraPaymentState.DONE})


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnCharge:
    """Have the refunds listed, unless our rows account for the amount already.

    An event of a refund itself says more and usually comes too; this is for an endpoint
    that hears only of charges.
    """

    learn_refund: LearnRefund
    match: MatchPayment
    refunds: RefundGateway

    async def __call__(self, report: ChargeReport, *, by: str) -> Purchase | Stranger:
        """Return the purchase as it is now, or say why there is none.

        Raises:
            LivemodeMismatch: nothing was concluded.
            PaymentGatewayUnavailable: nothing is known; ask again.
            StorageUnavailable: likewise; every step may be repeated.
        """
        mark = Mark(
            purchase_id=report.purchase_id,
            app=report.app,
            environment=report.environment,
        )
        intent = report.payment_intent
        purchase = await self.match(intent, mark, by=by)
        if isinstance(purchase, Stranger):
            return purchase
        if _told(purchase, intent) >= report.amount_refunded:
            return purchase
        reports = await self.refunds.refunds_of(intent)
        return await self.learn_refund.of(purchase, *reversed(reports), by=by)


def _told(purchase: Purchase, payment_intent: str) -> int:
    """Return how much of a payment went back, or is on its way, as far as we know."""
    for extra in purchase.extra_payments:
        if extra.payment_intent == payment_intent:
            return extra.amount if extra.state in EXTRAS_TOLD else 0
    rows = (row for row in purchase.refunds if row.state in ROWS_TOLD)
    return sum(row.amount.amount for row in rows)
