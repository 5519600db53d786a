"""Somebody wants the money back."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.causes import BY_BUYER
from application.move_money import MoveMoney
from application.ports.clock import Clock
from application.ports.payments import PaymentGatewayUnavailable
from application.ports.purchases import PurchaseNotFound, PurchaseRepository
from application.ports.randomness import Randomness
from application.ports.storage import StorageUnavailable
from application.release_spot import ReleaseSpot
from application.send_refund import SendRefund
from domain.ids import BuyerId, PurchaseId
from domain.purchase import Purchase
from domain.refunding import (
    ask_refund,
    check_refundable,
    check_whole_if_free,
    check_window,
    has_row,
)
from domain.transitions import GiveBackFree

BUYERS_REASON: Final = "requested_by_customer"
ROW_ID_LENGTH: Final = 32  # hexadecimal digits, as many as at random


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRefundCommand:
    """What is to be given back.

    `buyer_id` None: an admin asks, of any purchase, at any time, for any `amount` in
    minor units.  A buyer asks for all of it, within the window.  `name` is the same
    each time the same request comes: it is one refund, however often it is asked for.
    """

    purchase_id: PurchaseId
    buyer_id: BuyerId | None
    amount: int | None = None
    reason: str = BUYERS_REASON
    by: str = BY_BUYER
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRefund:
    """Store the intent, then try to send it: who is told no has changed nothing.

    One intent at a time, and one refund for each (invariant I6).
    """

    clock: Clock
    move: MoveMoney
    purchases: PurchaseRepository
    randomness: Randomness
    release_spot: ReleaseSpot
    send_refund: SendRefund
    window: timedelta

    async def __call__(self, command: RequestRefundCommand) -> Purchase:
        """Return the purchase: refunding while the money is under way, or as it ended.

        When the provider does not answer, the refund stays due and is sent later.

        Raises:
            NotRefundable: not completed, disputed, or refunded in too many parts.
            PurchaseNotFound: no such purchase, or not of this buyer.
            RefundTooLarge: more than is left, or a sum of what cost nothing.
            RefundUnderWay: one refund at a time.
            RefundWindowClosed: a buyer asks too late.
            StorageUnavailable: ask again; it may be stored already.
        """
        purchase = await self.purchases.get(command.purchase_id)
        if command.buyer_id not in {None, purchase.buyer.id}:
            raise PurchaseNotFound
        row_id = self._row_id(command)
        if has_row(purchase, row_id):
            return await self._send(purchase, row_id, is_new=False, by=command.by)
        check_refundable(purchase)
        if command.buyer_id is not None:
            check_window(purchase, at=self.clock.now(), window=self.window)
        check_whole_if_free(purchase, amount=command.amount)
        if purchase.is_free:
            return await self._give_back(purchase, by=command.by)

        def rule(before: Purchase) -> Purchase:
            return ask_refund(
                before,
                row_id=row_id,
                amount=command.amount,
                reason=command.reason,
                by=command.by,
            )

        purchase = await self.move(purchase, rule, by=command.by)
        is_new = command.name is None  # else another may have stored it before us
        return await self._send(purchase, row_id, is_new=is_new, by=command.by)

    def _row_id(self, command: RequestRefundCommand) -> str:
        if command.name is None:
            return self.randomness.refund_id()
        return f"rf_{command.name[:ROW_ID_LENGTH]}"

    async def _send(
        self, purchase: Purchase, row_id: str, *, is_new: bool, by: str
    ) -> Purchase:
        """Send it now if that works; it is stored, so nothing depends on it."""
        try:
            return await self.send_refund(purchase, row_id, is_new=is_new, by=by)
        except (PaymentGatewayUnavailable, StorageUnavailable):
            return purchase

    async def _give_back(self, purchase: Purchase, *, by: str) -> Purchase:
        """End a purchase that cost nothing; the provider never hears of it."""
        at = self.clock.now()
        give_back = GiveBackFree(quote=purchase.quote)
        if not await self.purchases.change(purchase.id, give_back, at=at, by=by):
            check_refundable(await self.purchases.get(purchase.id))
            raise StorageUnavailable  # the read is behind the write
        purchase = purchase.after(give_back, at=at)
        await self.release_spot(purchase)
        return purchase
