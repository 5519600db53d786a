"""Send a refund that is due."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.learn_refund import LearnRefund
from application.move_money import MoveMoney
from application.ports.randomness import Randomness
from application.ports.refunds import RefundGateway, RefundRefused
from domain.extra_money import learn_reports
from domain.purchase import Purchase
from domain.refunding import RefundReport, refuse_refund
from domain.refunds import Refund, RefundState


@dataclass(frozen=True, slots=True, kw_only=True)
class SendRefund:
    """Ask the provider once for each row, whoever asks and however often.

    The row's key makes a repeat harmless for a day; after that, and whenever it is not
    known whether the row was sent before, the refund is looked for first.
    """

    learn_refund: LearnRefund
    move: MoveMoney
    randomness: Randomness
    refunds: RefundGateway

    async def __call__(
        self, purchase: Purchase, row_id: str, *, is_new: bool = False, by: str
    ) -> Purchase:
        """Send the row and record the answer; return the purchase as it is now.

        A row that is not due, and any row while the payment is disputed, is left as it
        is.

        Args:
            purchase: as it was read just now.
            row_id: which of its refunds.
            is_new: it was stored just now by this very caller, so nobody sent it.
            by: who sends it, for the purchase's log.

        Raises:
            PaymentGatewayUnavailable: the row stays due; send it again.
            StorageUnavailable: likewise.
        """
        row = next((row for row in purchase.refunds if row.id == row_id), None)
        payment_intent = purchase.paid.payment_intent if purchase.paid else None
        if row is None or payment_intent is None:
            return purchase
        if row.state is not RefundState.DUE or purchase.forbids_refunds:
            return purchase
        if not is_new:
            reports = await self._listed(payment_intent)
            if any(report.row_id == row_id for report in reports):
                return await self.learn_refund.of(purchase, *reports, by=by)
        return await self._create(purchase, row, payment_intent, by=by)

    async def _create(
        self, purchase: Purchase, row: Refund, payment_intent: str, *, by: str
    ) -> Purchase:
        try:
            report = await self.refunds.create_refund(
                key=f"rf:{row.id}",
                payment_intent=payment_intent,
                amount=row.amount.amount,
                purchase_id=purchase.id,
                row_id=row.id,
            )
        except RefundRefused:
            reports = await self._listed(payment_intent)
            return await self._refuse(purchase, row, reports, by=by)
        return await self.learn_refund.of(purchase, report, by=by)

    async def _refuse(
        self, purchase: Purchase, row: Refund, reports: Sequence[RefundReport], by: str
    ) -> Purchase:
        """Record those that were made instead of ours, and ours as refused, in one."""
        new_row_id = self.randomness.refund_id()

        def rule(before: Purchase) -> Purchase:
            after = learn_reports(before, reports, new_row_id=new_row_id)
            return refuse_refund(after, row.id)

        return await self.move(purchase, rule, by=by)

    async def _listed(self, payment_intent: str) -> Sequence[RefundReport]:
        """Return the refunds of a payment, the oldest first."""
        return list(reversed(await self.refunds.refunds_of(payment_intent)))
