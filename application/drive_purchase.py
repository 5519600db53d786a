"""Carry on a purchase that nobody else carries on."""

from dataclasses import dataclass
from typing import Final

from application.causes import BY_RECONCILE
from application.close_purchase import ClosePurchase
from application.drive_money import DriveMoney
from application.forward_purchase import ForwardPurchase
from application.look_up_session import LookUpSession
from application.move_money import MoveMoney
from application.release_spot import ReleaseSpot
from domain.class_rep import UNLIMITED
from domain.purchase import ClosedReason, Purchase, Status
from domain.refunding import settle_refunding

UNSETTLED: Final = frozenset({Status.CREATING, Status.RESERVED, Status.CLOSING})


@dataclass(frozen=True, slots=True, kw_only=True)
class DrivePurchase:
    """Decide from the state alone, whoever left it so and for whatever reason.

    The steps are those of a buyer's request, so any number of workers may drive one
    purchase at the same time, also while its buyer goes on (protocol 3.2, RECONCILE).
    """

    close: ClosePurchase
    drive_money: DriveMoney
    forward: ForwardPurchase
    look_up: LookUpSession
    move: MoveMoney
    release_spot: ReleaseSpot

    async def __call__(self, purchase: Purchase) -> Purchase:
        """Take the purchase a step further and return it as it is now.

        Raises:
            LivemodeMismatch: nothing was concluded.
            PaymentGatewayUnavailable: nothing was learnt.
            StorageUnavailable: drive it again; every step may be repeated.
        """
        if purchase.status is Status.PENDING:
            return await self.look_up(purchase, by=BY_RECONCILE)
        if purchase.status is Status.RESERVED and purchase.is_free:
            return await self.forward(purchase, limit=UNLIMITED, by=BY_RECONCILE)
        if purchase.status is Status.REFUNDING:
            driven = await self.drive_money(purchase, by=BY_RECONCILE)
            return await self.move(driven, settle_refunding, by=BY_RECONCILE)
        if purchase.status in UNSETTLED:
            reason = purchase.closing_reason or ClosedReason.EXPIRED
            return await self.close(purchase, reason=reason, by=BY_RECONCILE)
        await self.release_spot(purchase)
        return purchase
