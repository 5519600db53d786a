"""The service with one thing wrong in it, which only a fault brings to light."""

from typing import Any, Final

from dependency_injector import providers

from application.cancel_purchase import CancelPurchase
from application.causes import BY_BUYER
from application.drive_owing import DriveOwing
from application.drive_purchases import DrivePurchases
from application.listen_back import ListenBack
from application.settle_payment import SettlePayment
from application.sweep_spots import SweepSpots
from domain.checkout import CheckoutSession
from domain.ids import BuyerId, PurchaseId
from domain.purchase import ClosedReason, Purchase
from domain.settlement import IsExtra, settle
from entrypoints.use_cases import UseCases
from tests.crash.sweep import Bend
from tests.simulation.mutants import RefundsFirst


class SweepsNothing(SweepSpots):
    """Trusts every request to give its spot back itself."""

    async def __call__(self) -> int:
        return 0


class DrivesNothing(DrivePurchases):
    """Trusts every request to come to its end."""

    async def __call__(self) -> int:
        return 0


class OwesForEver(DriveOwing):
    """Trusts whoever wrote down a refund to send it."""

    async def __call__(self) -> int:
        return 0


class ListensToNobody(ListenBack):
    """Trusts every event to come."""

    async def __call__(self) -> int:
        return 0


class TidiesUp(CancelPurchase):
    """Takes a failure for a rollback, and gives the spot to somebody else."""

    async def __call__(
        self, buyer_id: BuyerId | None, purchase_id: PurchaseId, *, by: str = BY_BUYER
    ) -> Purchase:
        try:
            return await super().__call__(buyer_id, purchase_id, by=by)
        except BaseException:
            purchase = await self.purchases.get(purchase_id)
            programs = self.close.release_spot.programs
            await programs.release_spot(purchase.program.id, purchase.id)
            raise


class ClosesBeforeItRecords(SettlePayment):
    """Ends a purchase of the wrong amount, and then writes down whose money it was."""

    async def __call__(
        self,
        purchase: Purchase,
        session: CheckoutSession,
        *,
        by: str,
        event_id: str | None = None,
    ) -> Purchase:
        verdict = settle(purchase, session, livemode=self.livemode)
        if isinstance(verdict, IsExtra) and verdict.closes:
            await self.expire(purchase, reason=ClosedReason.FAILED, by=by)
        return await super().__call__(purchase, session, by=by, event_id=event_id)


def put(name: str, careless: type[Any]) -> Bend:
    """Put a careless use case in the place of the careful one."""

    def bend(use_cases: UseCases) -> None:
        careful = getattr(use_cases, name)
        careful.override(providers.Singleton(careless, **careful.kwargs))

    return bend


CARELESS: Final[dict[str, Bend]] = {
    "cancel_purchase": put("cancel_purchase", TidiesUp),
    "drive_owing": put("drive_owing", OwesForEver),
    "drive_purchases": put("drive_purchases", DrivesNothing),
    "listen_back": put("listen_back", ListensToNobody),
    "request_refund": put("request_refund", RefundsFirst),
    "settle": put("settle", ClosesBeforeItRecords),
    "sweep_spots": put("sweep_spots", SweepsNothing),
}
