from collections.abc import Sequence
from typing import Protocol

from application.errors import ApplicationError
from domain.ids import PurchaseId
from domain.refunding import RefundReport


class RefundRefused(ApplicationError):
    """The provider would not make the refund, and nothing came of this request.

    `is_already_refunded`: because nothing is left of the payment.
    """

    code = "refund_refused"

    def __init__(
        self, reason: str | None = None, *, is_already_refunded: bool = False
    ) -> None:
        super().__init__("The payment provider refused this refund.")
        self.reason = reason
        self.is_already_refunded = is_already_refunded


class RefundGateway(Protocol):
    """The payment provider, giving money back.

    Every call bounds its own work (8 s, all tries included) and may raise
    `PaymentGatewayUnavailable`.
    """

    async def create_refund(
        self,
        *,
        key: str,
        payment_intent: str,
        amount: int | None,
        purchase_id: PurchaseId | None,
        row_id: str,
    ) -> RefundReport:
        """Give money back; asked again by the same key, return the first answer.

        Args:
            key: makes a repeat harmless, for a day.
            payment_intent: of which payment.
            amount: in minor units; None for whatever is left.
            purchase_id: written on the refund, to find it by; None if none is known.
            row_id: likewise.

        Raises:
            RefundRefused: no refund came of it.
        """
        ...

    async def get_refund(self, refund_id: str) -> RefundReport:
        """Return a refund as it is now."""
        ...

    async def refunds_of(self, payment_intent: str) -> Sequence[RefundReport]:
        """Return all refunds of a payment as they are now, whoever made them."""
        ...

    async def owner_of(self, payment_intent: str) -> PurchaseId | None:
        """Return the purchase that we wrote on a payment; None if it is not ours."""
        ...
