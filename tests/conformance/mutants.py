"""One defect at a time: walks must find each, or they prove nothing.

Some are the repositories that break a promise, others use cases with one rule left out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, ClassVar, Final

from dependency_injector import providers

from application.close_purchase import ClosePurchase
from application.deliver_mail import DeliverMail
from application.drive_purchase import DrivePurchase
from application.expire_purchase import ExpirePurchase
from application.forward_purchase import ForwardPurchase
from application.learn_dispute import LearnDispute
from application.match_payment import Match
from application.ports.mail import MailNotSent
from application.request_refund import RequestRefund, RequestRefundCommand
from application.settle_payment import SettlePayment
from application.start_checkout import (
    CheckoutAnswer,
    StartCheckout,
)
from domain.checkout import CheckoutRequest, CheckoutSession
from domain.class_rep import ClassRepSpots
from domain.disputes import DisputeReport
from domain.extra_money import learn_dispute
from domain.ids import ProgramId, PurchaseId, SessionId
from domain.outbox import OutgoingMail
from domain.purchase import ClosedReason, Purchase, Status
from domain.refunding import ask_refund
from domain.transitions import Transition, finish_closing
from entrypoints.simulation.outside.programs import NOBODY, InMemoryProgramRepository
from entrypoints.simulation.outside.purchases import InMemoryPurchaseRepository
from entrypoints.use_cases import UseCases
from tests.conformance.stage import Parts
from tests.fakes.careless import (
    ProgramsThatCountDown,
    PurchasesThatForgetTheirSources,
    PurchasesWithoutAnIndex,
)
from tests.simulation.mutants_of_money import (
    BelievesRefusals,
    ForgetsWhatCameBack,
    GivesUpExtraMoney,
    KeepsWhatTheBankTook,
    MovesInTwoWrites,
    ReleasesWhatIsRefunding,
    TakesAPartForAll,
)


class BlindTo(InMemoryPurchaseRepository):
    """Changes to one status come from wherever the purchase is."""

    target: ClassVar[Status]

    async def change(
        self, purchase_id: PurchaseId, transition: Transition, *, at: datetime, by: str
    ) -> bool:
        if transition.target is not self.target:
            return await super().change(purchase_id, transition, at=at, by=by)
        return await PurchasesThatForgetTheirSources.change(
            self,  # type: ignore[arg-type]  # it uses nothing of its own
            purchase_id,
            transition,
            at=at,
            by=by,
        )


class BlindPending(BlindTo):
    target = Status.PENDING


class BlindCompleted(BlindTo):
    target = Status.COMPLETED


class CheckThenPush(InMemoryProgramRepository):
    """Somebody else may come between the count and the push."""

    async def reserve_spot(
        self,
        program_id: ProgramId,
        purchase_id: PurchaseId,
        *,
        limit: int,
        revision: int | None = None,
    ) -> None:
        await self.gate("before programs.spot_holders")
        holders = self.holders.get(program_id, NOBODY)
        present = self.stored[program_id].terms.class_rep_limit
        ClassRepSpots(limit=present, holders=holders).reserve(purchase_id)
        await self.gate("after programs.spot_holders")
        await self.gate("before programs.reserve_spot")
        self.holders[program_id] = self.holders.get(program_id, NOBODY) | {purchase_id}
        await self.gate("after programs.reserve_spot")


class SpotUnderAnyRevision(InMemoryProgramRepository):
    """The filter that takes a spot does not name the revision of its price."""

    async def reserve_spot(
        self,
        program_id: ProgramId,
        purchase_id: PurchaseId,
        *,
        limit: int,
        revision: int | None = None,  # that is the mistake
    ) -> None:
        await super().reserve_spot(program_id, purchase_id, limit=limit)


class BelievesTermsOnHand(StartCheckout):
    """What a process remembers of a program counts as read."""

    async def _forward(self, run: Any, *args: Any, **more: Any) -> Purchase | None:
        run.is_read = True
        return await super()._forward(run, *args, **more)


class CancelWithoutExpire(ClosePurchase):
    async def _ask_provider(
        self, purchase: Purchase, *, reason: ClosedReason, by: str
    ) -> Purchase:
        return await self.take_step(purchase, finish_closing(reason), by=by)


class ReleaseFirst(ClosePurchase):
    """The spot is given away before Stripe's word."""

    async def _ask_provider(
        self, purchase: Purchase, *, reason: ClosedReason, by: str
    ) -> Purchase:
        await self.release_spot(replace(purchase, status=Status.CLOSED))
        return await super()._ask_provider(purchase, reason=reason, by=by)


class NoFence(ClosePurchase):
    """A session that nobody saved is taken for none."""

    async def _session_of(
        self, purchase: Purchase, request: CheckoutRequest
    ) -> SessionId | None:
        return None if purchase.session is None else purchase.session.id


class NoPhaseMark(ForwardPurchase):
    """Stripe hears of a purchase that is not marked for that."""

    async def _reserve(
        self, purchase: Purchase, limit: int, revision: int | None, *, by: str
    ) -> Purchase:
        await self._take_spot(purchase, limit, revision)
        return replace(purchase, status=Status.RESERVED)


class ReviveOnLateMoney(SettlePayment):
    async def __call__(
        self,
        purchase: Purchase,
        session: CheckoutSession,
        *,
        by: str,
        event_id: str | None = None,
    ) -> Purchase:
        if purchase.status is Status.CLOSED and session.is_paid:
            purchase = replace(purchase, status=Status.CLOSING)
        return await super().__call__(purchase, session, by=by, event_id=event_id)


class AmountUnchecked(SettlePayment):
    async def __call__(
        self,
        purchase: Purchase,
        session: CheckoutSession,
        *,
        by: str,
        event_id: str | None = None,
    ) -> Purchase:
        asked = replace(session, amount_total=purchase.quote.total.amount)
        return await super().__call__(purchase, asked, by=by, event_id=event_id)


class LateMoneyUnnoted(SettlePayment):
    async def _give_back(
        self, purchase: Purchase, *_args: Any, **_more: Any
    ) -> Purchase:
        return await self.expire(purchase, reason=ClosedReason.FAILED, by="mutant")


class LocalClock(DrivePurchase):
    """Our clock decides that a session has expired."""

    async def __call__(self, purchase: Purchase) -> Purchase:
        if purchase.status is not Status.PENDING:
            return await super().__call__(purchase)
        expire = self.look_up.conclude.expire
        return await expire(purchase, reason=ClosedReason.EXPIRED, by="our clock")


class SweepByAge(DrivePurchase):
    """An old purchase loses its spot, whatever Stripe may say later."""

    async def __call__(self, purchase: Purchase) -> Purchase:
        if purchase.is_live and not purchase.is_owned:
            await self.release_spot(replace(purchase, status=Status.CLOSED))
        return await super().__call__(purchase)


class KeepsTheSpot(ExpirePurchase):
    """What is closed on Stripe's word goes on holding its spot."""

    async def __call__(
        self, purchase: Purchase, *, reason: ClosedReason, by: str
    ) -> Purchase:
        kept = replace(purchase, quote=replace(purchase.quote, is_class_rep=False))
        return await super().__call__(kept, reason=reason, by=by)


class ShowsAnyPage(StartCheckout):
    """The page is shown in whatever state the purchase is."""

    def _answer(self, run: Any, purchase: Purchase, *, existing: bool) -> Any:
        if purchase.status is Status.CLOSING and purchase.session is not None:
            shown = replace(purchase, status=Status.PENDING, is_processing=False)
            return CheckoutAnswer(purchase=shown, existing=existing)
        return super()._answer(run, purchase, existing=existing)


class MarkThenSend(DeliverMail):
    async def _send(self, purchase: Purchase, mail: OutgoingMail) -> bool:
        await self._mark(purchase, mail, mail.sent())
        try:
            return await super()._send(purchase, mail)
        except MailNotSent:
            return False


class AsksWhileDisputed(RequestRefund):
    """A dispute does not stop a new refund."""

    async def __call__(self, command: RequestRefundCommand) -> Purchase:
        purchase = await self.purchases.get(command.purchase_id)
        row_id = self.randomness.refund_id()

        def rule(before: Purchase) -> Purchase:
            after = ask_refund(
                replace(before, dispute=None),
                row_id=row_id,
                amount=command.amount,
                reason=command.reason,
                by=command.by,
            )
            return replace(after, dispute=before.dispute)

        return await self.move(purchase, rule, by=command.by)


class BelievesTheLastWord(LearnDispute):
    """The event that comes last wins, however old it is."""

    async def __call__(self, report: DisputeReport, *, by: str) -> Match:
        def rule(before: Purchase) -> Purchase:
            return learn_dispute(replace(before, dispute=None), report)

        rows = self.move.purchases
        purchase = await rows.find_by_payment_intent(report.payment_intent)
        if purchase is None:
            return await super().__call__(report, by=by)
        return await self.move(purchase, rule, by=by)


@dataclass(frozen=True, slots=True)
class _Instead:
    """Puts a careless use case into the place of the right one."""

    place: str
    careless: Callable[..., object]

    def __call__(self, service: UseCases) -> None:
        provider = getattr(service, self.place)
        right = provider()
        parts = {each.name: getattr(right, each.name) for each in fields(right)}
        provider.override(providers.Object(self.careless(**parts)))


def _with(place: str, careless: Callable[..., object]) -> Parts:
    return Parts(bend=_Instead(place, careless))


MUTANTS: Final[Mapping[str, Parts]] = {
    "no unique index": Parts(purchases=PurchasesWithoutAnIndex),
    "blind writes": Parts(purchases=PurchasesThatForgetTheirSources),
    "blind pending": Parts(purchases=BlindPending),
    "blind completed": Parts(purchases=BlindCompleted),
    "check, then push": Parts(programs=CheckThenPush),
    "spot under any revision": Parts(programs=SpotUnderAnyRevision),
    "terms on hand believed": _with("start_checkout", BelievesTermsOnHand),
    "release by counting": Parts(programs=ProgramsThatCountDown),
    "cancel without expire": _with("close", CancelWithoutExpire),
    "release first": _with("close", ReleaseFirst),
    "no fence": _with("close", NoFence),
    "no phase mark": _with("forward", NoPhaseMark),
    "revive on late money": Parts(
        purchases=BlindCompleted, bend=_Instead("settle", ReviveOnLateMoney)
    ),
    "amount unchecked": _with("settle", AmountUnchecked),
    "extra money unnoted": _with("settle", LateMoneyUnnoted),
    "our clock decides": _with("drive", LocalClock),
    "sweep by age": _with("drive", SweepByAge),
    "spot kept": _with("expire", KeepsTheSpot),
    "any page shown": _with("start_checkout", ShowsAnyPage),
    "mail marked first": _with("deliver_mail", MarkThenSend),
    "refund while disputed": _with("request_refund", AsksWhileDisputed),
    "extra money given up": _with("give_back", GivesUpExtraMoney),
    "refusals believed": _with("send_refund", BelievesRefusals),
    "nothing owed again": _with("learn_refund", ForgetsWhatCameBack),
    "row, then status": _with("move_money", MovesInTwoWrites),
    "released while refunding": _with("move_money", ReleasesWhatIsRefunding),
    "a part is all": _with("learn_refund", TakesAPartForAll),
    "lost, and kept": _with("learn_dispute", KeepsWhatTheBankTook),
    "the last word wins": _with("learn_dispute", BelievesTheLastWord),
}
