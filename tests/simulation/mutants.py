"""The service with one thing wrong in it, a dozen times.

A simulation that finds none of these proves nothing (protocol, 4.3).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final

from dependency_injector import providers

from application.close_purchase import ClosePurchase
from application.drive_owing import DriveOwing
from application.drive_purchase import DrivePurchase
from application.drive_purchases import DrivePurchases
from application.errors import ApplicationError
from application.listen_back import ListenBack
from application.ports.payment_events import PaymentEvent
from application.receive_event import EventOutcome, ReceivePaymentEvent
from application.request_refund import RequestRefund, RequestRefundCommand
from application.sweep_spots import SweepSpots
from domain.checkout import CheckoutRequest
from domain.ids import SessionId
from domain.purchase import ClosedReason, Purchase
from domain.transitions import Complete, OpenForPayment, finish_closing
from entrypoints.simulation.plot import CHOIR
from entrypoints.simulation.world import Parts
from entrypoints.use_cases import UseCases
from tests.fakes.careless import (
    ProgramsThatCheckThenPush,
    PurchasesThatRevive,
    PurchasesThatTakeOneStepBlindly,
    PurchasesWithoutAnIndex,
)
from tests.simulation.mutants_of_money import (
    BelievesRefusals,
    ForgetsWhatCameBack,
    GivesUpExtraMoney,
    IgnoresTheDashboard,
    KeepsWhatTheBankTook,
    MovesInTwoWrites,
    RefundsTheDisputed,
    ReleasesWhatIsRefunding,
    TakesAPartForAll,
)


class SweepsByAge(SweepSpots):
    """Gives back the spots of purchases that are old, whatever they are."""

    async def __call__(self) -> int:
        holders = sorted(await self.programs.spot_holders(CHOIR))
        rows = [await self.purchases.get(holder) for holder in holders]
        newest = max((row.updated_at for row in rows), default=None)
        for row in rows:
            if newest and row.updated_at < newest - timedelta(minutes=10):
                await self.programs.release_spot(CHOIR, row.id)
        return 0


class AcknowledgesEarly(ReceivePaymentEvent):
    """Says yes to the provider whether or not it worked."""

    async def __call__(self, event: PaymentEvent) -> EventOutcome:
        try:
            return await super().__call__(event)
        except ApplicationError:
            return EventOutcome.APPLIED


class ClosesWithoutExpiring(ClosePurchase):
    """Closes, and leaves the page where it is."""

    async def _ask_provider(
        self, purchase: Purchase, *, reason: ClosedReason, by: str
    ) -> Purchase:
        return await self.take_step(purchase, finish_closing(reason), by=by)


class ReleasesFirst(ClosePurchase):
    """Gives the spot back before the provider has agreed."""

    async def _ask_provider(
        self, purchase: Purchase, *, reason: ClosedReason, by: str
    ) -> Purchase:
        programs = self.release_spot.programs
        await programs.release_spot(purchase.program.id, purchase.id)
        return await super()._ask_provider(purchase, reason=reason, by=by)


class ClosesWithoutAFence(ClosePurchase):
    """Takes it that there is no session where none was saved."""

    async def _session_of(
        self, purchase: Purchase, request: CheckoutRequest
    ) -> SessionId | None:
        return None if purchase.session is None else purchase.session.id


class TrustsItsClock(DrivePurchase):
    """Ends what our own clock says is over."""

    async def __call__(self, purchase: Purchase) -> Purchase:
        session, clock = purchase.session, self.close.take_step.clock
        if session is None or session.expires_at > clock.now():
            return await super().__call__(purchase)
        expire = self.look_up.conclude.expire
        return await expire(purchase, reason=ClosedReason.EXPIRED, by="our clock")


class RefundsFirst(RequestRefund):
    """Sends the money back and writes it down afterwards."""

    async def __call__(self, command: RequestRefundCommand) -> Purchase:
        purchase = await self.purchases.get(command.purchase_id)
        if purchase.paid is not None and purchase.paid.payment_intent is not None:
            row_id = self.randomness.refund_id()
            await self.send_refund.refunds.create_refund(
                key=f"rf:{row_id}",
                payment_intent=purchase.paid.payment_intent,
                amount=None,
                purchase_id=purchase.id,
                row_id=row_id,
            )
        return await super().__call__(command)


class OwesForEver(DriveOwing):
    """Leaves what is owed to whoever asks again."""

    async def __call__(self) -> int:
        return 0


class DrivesNothing(DrivePurchases):
    """Leaves everything to webhooks."""

    async def __call__(self) -> int:
        return 0


class ListensToNobody(ListenBack):
    """Believes that what it was not told did not happen."""

    async def __call__(self) -> int:
        return 0


def bent(name: str, careless: type[Any]) -> Parts:
    """Put a careless use case in the place of the careful one."""

    def bend(use_cases: UseCases) -> None:
        careful = getattr(use_cases, name)
        careful.override(providers.Singleton(careless, **careful.kwargs))

    return Parts(bend=bend)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """What is wrong, and which invariants may be the first to show it."""

    parts: Parts
    shows_as: tuple[str, ...]


def blind(step: type[Any]) -> Callable[[], PurchasesThatTakeOneStepBlindly]:
    return partial(PurchasesThatTakeOneStepBlindly, step)


MUTANTS: Final = {
    "no index": Mutant(
        parts=Parts(purchases=PurchasesWithoutAnIndex), shows_as=("I2",)
    ),
    "sweep by age": Mutant(
        parts=bent("sweep_spots", SweepsByAge), shows_as=("I5", "I11")
    ),
    "ack early": Mutant(
        parts=bent("receive_event", AcknowledgesEarly), shows_as=("I8",)
    ),
    "cancel, no expire": Mutant(
        parts=bent("close", ClosesWithoutExpiring), shows_as=("I9", "I12")
    ),
    "check, then push": Mutant(
        parts=Parts(programs=ProgramsThatCheckThenPush), shows_as=("I1",)
    ),
    "release first": Mutant(parts=bent("close", ReleasesFirst), shows_as=("I5", "I11")),
    "blind pending": Mutant(
        parts=Parts(purchases=blind(OpenForPayment)), shows_as=("I7", "I2", "I5")
    ),
    "no fence": Mutant(
        parts=bent("close", ClosesWithoutAFence), shows_as=("I9", "I12")
    ),
    "local clock": Mutant(parts=bent("drive", TrustsItsClock), shows_as=("I9", "I12")),
    "blind complete": Mutant(
        parts=Parts(purchases=blind(Complete)), shows_as=("I7", "I2", "I5")
    ),
    "revive": Mutant(
        parts=Parts(purchases=PurchasesThatRevive), shows_as=("I7", "I2", "I5")
    ),
    "refund first": Mutant(
        parts=bent("request_refund", RefundsFirst), shows_as=("I6",)
    ),
    "no driving of money": Mutant(
        parts=bent("drive_owing", OwesForEver), shows_as=("I4", "I6", "I13")
    ),
    "no reconcile": Mutant(
        parts=bent("drive_purchases", DrivesNothing),
        shows_as=("I13", "I5", "I10", "I12"),
    ),
    "refund while disputed": Mutant(
        parts=bent("send_refund", RefundsTheDisputed), shows_as=("I6",)
    ),
    "refusals believed": Mutant(
        parts=bent("send_refund", BelievesRefusals), shows_as=("I7", "I12", "I21")
    ),
    "nothing owed again": Mutant(
        parts=bent("learn_refund", ForgetsWhatCameBack), shows_as=("I12",)
    ),
    "dashboard ignored": Mutant(
        parts=bent("learn_refund", IgnoresTheDashboard),
        shows_as=("I8", "I12", "I21", "I6"),
    ),
    "row, then status": Mutant(
        parts=bent("move_money", MovesInTwoWrites), shows_as=("I7", "I6")
    ),
    "released while refunding": Mutant(
        parts=bent("move_money", ReleasesWhatIsRefunding), shows_as=("I5", "I11")
    ),
    "a part is all": Mutant(
        parts=bent("learn_refund", TakesAPartForAll), shows_as=("I12",)
    ),
    "lost, and kept": Mutant(
        parts=bent("learn_dispute", KeepsWhatTheBankTook),
        shows_as=("I7", "I8", "I12", "I13"),
    ),
    "extra money given up": Mutant(
        parts=bent("give_back", GivesUpExtraMoney), shows_as=("I4",)
    ),
    "no listening back": Mutant(
        parts=bent("listen_back", ListensToNobody), shows_as=("I12",)
    ),
}
