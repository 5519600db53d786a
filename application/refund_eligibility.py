"""May this purchase be given back, and until when?"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from application.own_purchase import own_purchase
from application.ports.clock import Clock
from application.ports.purchases import PurchaseRepository
from domain.ids import BuyerId, PurchaseId
from domain.money import Money
from domain.purchase import Purchase
from domain.refunding import (
    NotRefundable,
    RefundUnderWay,
    RefundWindowClosed,
    check_refundable,
    check_window,
    refund_deadline,
    rest_to_refund,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligibility:
    """`why_not` is a stable word, None when nothing stands in the way."""

    amount: Money
    deadline: datetime | None
    why_not: str | None
    message: str | None

    @property
    def is_eligible(self) -> bool:
        return self.why_not is None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundEligibility:
    """Asks the very rules that `RequestRefund` asks."""

    clock: Clock
    purchases: PurchaseRepository
    window: timedelta

    async def __call__(self, buyer_id: BuyerId, purchase_id: PurchaseId) -> Eligibility:
        """Say what a buyer would get back now, or why nothing.

        Raises:
            PurchaseNotFound: no such purchase of this buyer.
        """
        purchase = await own_purchase(self.purchases, buyer_id, purchase_id)
        why_not, message = self._objection(purchase)
        currency = purchase.quote.total.currency
        return Eligibility(
            amount=Money(rest_to_refund(purchase), currency),
            deadline=refund_deadline(purchase, window=self.window),
            why_not=why_not,
            message=message,
        )

    def _objection(self, purchase: Purchase) -> tuple[str | None, str | None]:
        try:
            check_refundable(purchase)
            check_window(purchase, at=self.clock.now(), window=self.window)
        except NotRefundable as refusal:
            return refusal.why, str(refusal)
        except (RefundUnderWay, RefundWindowClosed) as refusal:
            return refusal.code, str(refusal)
        return None, None
