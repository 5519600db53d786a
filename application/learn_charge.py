"""The provider says that some of a payment was given back, not by which refund."""

from dataclasses import dataclass

from application.learn_refund import LearnRefund
from application.match_payment import Mark, Match, MatchPayment, Stranger
from application.move_orphan import MoveOrphan
from application.ports.payment_events import ChargeReport
from application.ports.refunds import RefundGateway
from domain.extra_money import learn_listing
from domain.orphans import Orphan
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
    move_orphan: MoveOrphan
    refunds: RefundGateway

    async def __call__(self, report: ChargeReport, *, by: str) -> Match:
        """Return what the payment belongs to, as it is now, or say why to nothing.

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
        found = await self.match(intent, mark, by=by)
        if isinstance(found, Stranger):
            return found
        if _told(found, intent) >= report.amount_refunded:
            return found
        reports = list(reversed(await self.refunds.refunds_of(intent)))
        if isinstance(found, Orphan):
            return await self.move_orphan(
                found, lambda row: learn_listing(row, reports)
            )
        return await self.learn_refund.of(found, *reports, by=by)


def _told(found: Purchase | Orphan, payment_intent: str) -> int:
    """Return how much of a payment went back, or is on its way, as far as we know."""
    extras = (found.money,) if isinstance(found, Orphan) else found.extra_payments
    for extra in extras:
        if extra.payment_intent == payment_intent:
            return extra.amount if extra.state in EXTRAS_TOLD else 0
    if isinstance(found, Orphan):
        return 0
    rows = (row for row in found.refunds if row.state in ROWS_TOLD)
    return sum(row.amount.amount for row in rows)
