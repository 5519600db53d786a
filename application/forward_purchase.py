"""Carry a purchase on, from wherever it stands to where the buyer can pay."""

from dataclasses import dataclass
from functools import partial

from application.confirmation import Confirmations
from application.ports.clock import Clock
from application.ports.outbox import MailBell
from application.ports.payments import (
    PaymentGateway,
    PaymentGatewayUnavailable,
    PaymentRefused,
    SessionNotOpen,
)
from application.ports.programs import ProgramNotFound, ProgramRepository
from application.ports.purchases import PurchaseRepository
from application.release_spot import ReleaseSpot
from application.take_step import TakeStep
from domain.checkout import CheckoutRequest, CheckoutSession
from domain.class_rep import SpotsExhausted
from domain.purchase import ClosedReason, OpenSession, Purchase, Status
from domain.transitions import (
    CompleteForFree,
    MarkReserved,
    OpenForPayment,
    Transition,
    close_before_payment,
    close_refused,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardPurchase:
    """Reserve, open, show: each step recorded before the next one is taken.

    Any number of workers may forward one purchase at the same time, and a crash between
    two steps leaves it where the next worker takes it up (protocol 3.2, FORWARD).
    """

    bell: MailBell
    clock: Clock
    confirmations: Confirmations
    payments: PaymentGateway
    programs: ProgramRepository
    purchases: PurchaseRepository
    release_spot: ReleaseSpot
    take_step: TakeStep

    async def __call__(
        self,
        purchase: Purchase,
        *,
        limit: int,
        revision: int | None = None,
        by: str,
    ) -> Purchase:
        """Return the purchase as it is now: pending, completed, or ended by others.

        Args:
            purchase: as it was read just now.
            limit: the program's class-rep limit as it was last read.
            revision: of the program, under which alone a spot may be taken; None: any.
            by: who or what asks, for the purchase's log.

        Raises:
            SpotsExhausted: others hold all spots; the purchase is closed.
            ProgramNotFound: it was retired meanwhile; the purchase is closed.
            TermsChanged: it is at another revision; the purchase holds no spot.
            PaymentRefused: the provider will not sell it; closed, the spot given back.
            PaymentGatewayUnavailable: the purchase is reserved; ask again.
            StorageUnavailable: ask again; every step may be repeated.
        """
        if purchase.status is Status.CREATING:
            purchase = await self._reserve(purchase, limit, revision, by=by)
        if purchase.status is Status.RESERVED and purchase.request is None:
            return await self._complete_free(purchase, by=by)
        if purchase.status is Status.RESERVED and purchase.request is not None:
            return await self._open(purchase, purchase.request, by=by)
        return purchase

    async def _reserve(
        self, purchase: Purchase, limit: int, revision: int | None, *, by: str
    ) -> Purchase:
        try:
            await self._take_spot(purchase, limit, revision)
        except SpotsExhausted:
            await self._end(purchase, ClosedReason.LIMIT_REACHED, by=by)
            raise
        except ProgramNotFound:
            await self._end(purchase, ClosedReason.FAILED, by=by)
            raise
        # From here on the provider may know about the purchase.
        return await self._move(purchase, MarkReserved(), by=by)

    async def _take_spot(
        self, purchase: Purchase, limit: int, revision: int | None
    ) -> None:
        """Reserve, if need be after taking back what ended purchases still hold."""
        program_id = purchase.program.id
        reserve = partial(
            self.programs.reserve_spot,
            program_id,
            purchase.id,
            limit=limit,
            revision=revision,
        )
        try:
            await reserve()
        except SpotsExhausted:
            holders = await self.programs.spot_holders(program_id)
            if purchase.id in holders:
                return  # another worker took it, for this very purchase
            over = await self.purchases.terminal_among(holders)
            for holder in sorted(over):
                await self.programs.release_spot(program_id, holder)
            if not over:
                raise
            await reserve()

    async def _complete_free(self, purchase: Purchase, *, by: str) -> Purchase:
        at = self.clock.now()
        complete = CompleteForFree(
            quote=purchase.quote,
            confirmation=self.confirmations.due(purchase.id, at=at),
            at=at,
        )
        purchase = await self._move(purchase, complete, by=by)
        self.bell.ring()
        return purchase

    async def _open(
        self, purchase: Purchase, request: CheckoutRequest, *, by: str
    ) -> Purchase:
        try:
            session = await self.payments.create_session(purchase.id, request)
        except PaymentRefused:
            await self._move(purchase, close_refused(), by=by)
            raise
        if session.url is None:
            raise PaymentGatewayUnavailable("a session came without its page")
        opened = OpenSession(
            id=session.id, url=session.url, expires_at=session.expires_at
        )
        purchase = await self._move(purchase, OpenForPayment(session=opened), by=by)
        if purchase.is_terminal:
            await self._expire(session)
        return purchase

    async def _move(
        self, purchase: Purchase, transition: Transition, *, by: str
    ) -> Purchase:
        """Take a step; a spot taken for a purchase that ended meanwhile goes back."""
        latest = await self.take_step(purchase, transition, by=by)
        await self.release_spot(latest)
        return latest

    async def _end(self, purchase: Purchase, reason: ClosedReason, *, by: str) -> None:
        await self._move(purchase, close_before_payment(reason), by=by)

    async def _expire(self, session: CheckoutSession) -> None:
        """Leave no page open that nobody was shown; reconcile sees to a failure."""
        try:
            await self.payments.expire_session(session.id)
        except (SessionNotOpen, PaymentGatewayUnavailable):
            return
