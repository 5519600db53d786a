"""Give back money that does not complete its purchase."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.learn_refund import LearnRefund
from application.move_money import MoveMoney
from application.ports.refunds import RefundGateway, RefundRefused
from domain.extra_money import learn_extra_listing, refuse_extra_refund
from domain.ids import SessionId
from domain.purchase import Purchase
from domain.refunding import RefundReport
from domain.refunds import ExtraPayment, ExtraPaymentState


@dataclass(frozen=True, slots=True, kw_only=True)
class SendExtraRefund:
    """Give back whatever is left of it, once, by the key of the session and the try.

    It is always looked for first: somebody may have given it back by hand.
    """

    learn_refund: LearnRefund
    move: MoveMoney
    refunds: RefundGateway

    async def __call__(
        self, purchase: Purchase, session_id: SessionId, *, by: str
    ) -> Purchase:
        """Send this try and record the answer; return the purchase as it is now.

        Raises:
            PaymentGatewayUnavailable: the row stays due; send it again.
            StorageUnavailable: likewise.
        """
        row = _due(purchase, session_id)
        if row is None or row.payment_intent is None:
            return purchase
        intent = row.payment_intent
        purchase = await self.look(purchase, intent, by=by)
        still = _due(purchase, session_id)
        if still is None or still.row_id != row.row_id:
            return purchase
        try:
            report = await self.refunds.create_refund(
                key=f"rf:{row.row_id}",
                payment_intent=intent,
                amount=None,
                purchase_id=purchase.id,
                row_id=row.row_id,
            )
        except RefundRefused:
            return await self.look(purchase, intent, refused=row.row_id, by=by)
        if report.amount < row.amount:
            return await self.look(purchase, intent, by=by)
        return await self.learn_refund.of(purchase, report, by=by)

    async def look(
        self, purchase: Purchase, intent: str, *, refused: str | None = None, by: str
    ) -> Purchase:
        """Record what became of the payment, and a refused try, in one write.

        Raises:
            PaymentGatewayUnavailable: nothing is known; look again.
            StorageUnavailable: likewise.
        """
        reports: Sequence[RefundReport] = await self.refunds.refunds_of(intent)

        def rule(before: Purchase) -> Purchase:
            oldest_first = list(reversed(reports))
            after = learn_extra_listing(before, oldest_first, payment_intent=intent)
            return after if refused is None else refuse_extra_refund(after, refused)

        return await self.move(purchase, rule, by=by)


def _due(purchase: Purchase, session_id: SessionId) -> ExtraPayment | None:
    for row in purchase.extra_payments:
        if row.session_id == session_id and row.state is ExtraPaymentState.DUE:
            return row
    return None
