"""Give back money that does not complete its purchase."""

from dataclasses import dataclass

from application.give_back import GiveBack
from application.move_money import MoveMoney
from domain.extra_money import RowRule, with_extra
from domain.ids import SessionId
from domain.purchase import Purchase
from domain.refunds import ExtraPayment


@dataclass(frozen=True, slots=True, kw_only=True)
class SendExtraRefund:
    """Give back an extra payment that a purchase names."""

    give_back: GiveBack
    move: MoveMoney

    async def __call__(
        self, purchase: Purchase, session_id: SessionId, *, by: str
    ) -> Purchase:
        """Record what became of it, and send the try that is still due.

        Returns:
            The purchase as it is now.

        Raises:
            PaymentGatewayUnavailable: the row stays as it is; give it back again.
            StorageUnavailable: likewise.
        """
        latest, row = purchase, _row(purchase, session_id)
        intent = row.payment_intent
        if intent is None:
            return purchase

        async def move(rule: RowRule) -> ExtraPayment:
            nonlocal latest
            latest = await self.move(
                latest, lambda before: with_extra(before, intent, rule), by=by
            )
            return _row(latest, session_id)

        await self.give_back(row, move, purchase_id=purchase.id)
        return latest


def _row(purchase: Purchase, session_id: SessionId) -> ExtraPayment:
    """Return an extra payment; rows are never taken away."""
    rows = (row for row in purchase.extra_payments if row.session_id == session_id)
    return next(rows)
