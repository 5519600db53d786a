"""Bring the money of one purchase as far as it will go."""

from dataclasses import dataclass

from application.learn_refund import LearnRefund
from application.ports.payments import PaymentGatewayUnavailable
from application.ports.refunds import RefundGateway
from application.send_extra_refund import SendExtraRefund
from application.send_refund import SendRefund
from domain.purchase import Purchase
from domain.refunds import ExtraPayment, Refund, RefundState


@dataclass(frozen=True, slots=True, kw_only=True)
class DriveMoney:
    """Send every due row and look at every one under way.

    For whoever finds purchases with open money, at any time and any number at once.
    """

    learn_refund: LearnRefund
    refunds: RefundGateway
    send_extra_refund: SendExtraRefund
    send_refund: SendRefund

    async def __call__(self, purchase: Purchase, *, by: str) -> Purchase:
        """Drive each row once and return the purchase as it is now.

        What the provider does not answer stays as it is; the other rows go on.

        Raises:
            StorageUnavailable: ask again; every step may be repeated.
        """
        for row in purchase.refunds:
            purchase = await self._as_far_as_known(purchase, row, by=by)
        for extra in purchase.extra_payments:
            purchase = await self._as_far_as_known(purchase, extra, by=by)
        return purchase

    async def _as_far_as_known(
        self, purchase: Purchase, row: Refund | ExtraPayment, *, by: str
    ) -> Purchase:
        try:
            if isinstance(row, ExtraPayment):
                return await self.send_extra_refund(purchase, row.session_id, by=by)
            if row.state is RefundState.SENT:
                return await self._look(purchase, row, by=by)
            if row.state is RefundState.DUE:
                return await self.send_refund(purchase, row.id, by=by)
        except PaymentGatewayUnavailable:
            pass  # it stays as it is, for the next who drives
        return purchase

    async def _look(self, purchase: Purchase, row: Refund, *, by: str) -> Purchase:
        if row.stripe_id is None:
            raise ValueError("a refund under way has the provider's id")
        report = await self.refunds.get_refund(row.stripe_id)
        return await self.learn_refund.of(purchase, report, by=by)
