"""End a purchase that was not paid, once the provider has agreed."""

from dataclasses import dataclass

from application.conclude_session import ConcludeSession
from application.ports.payments import (
    PaymentGateway,
    PaymentGatewayFailed,
    PaymentGatewayUnavailable,
    PaymentRefused,
    SessionNotOpen,
)
from application.release_spot import ReleaseSpot
from application.take_step import TakeStep
from domain.checkout import CheckoutRequest, CheckoutSession
from domain.ids import SessionId
from domain.purchase import ClosedReason, Purchase, Status
from domain.transitions import (
    BeginClosing,
    close_before_payment,
    close_free,
    finish_closing,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosePurchase:
    """Close at the provider first; the payment that was faster wins.

    A purchase whose session nobody saved may still have one.  Replaying the creation by
    its key either finds it or makes it, and it is expired then: that is the fence
    against a worker that still means to open it (protocol 3.2, CANCEL and CLOSE).
    """

    conclude: ConcludeSession
    payments: PaymentGateway
    release_spot: ReleaseSpot
    take_step: TakeStep

    async def __call__(
        self, purchase: Purchase, *, reason: ClosedReason, by: str
    ) -> Purchase:
        """Close the purchase and return it as it is now.

        It comes back closed; or completed, if it was paid; or closing, if the provider
        did not answer or a delayed payment is under way, and reconcile goes on.

        Raises:
            LivemodeMismatch: the session found is of the other mode.
            StorageUnavailable: ask again; every step may be repeated.
        """
        if purchase.status is Status.CREATING or purchase.is_free:
            early = close_free if purchase.is_free else close_before_payment
            purchase = await self.take_step(purchase, early(reason), by=by)
        if purchase.status in {Status.RESERVED, Status.PENDING}:
            closing = BeginClosing(reason=reason)
            purchase = await self.take_step(purchase, closing, by=by)
        if purchase.status is Status.CLOSING:
            purchase = await self._ask_provider(purchase, reason=reason, by=by)
        await self.release_spot(purchase)
        return purchase

    async def _ask_provider(
        self, purchase: Purchase, *, reason: ClosedReason, by: str
    ) -> Purchase:
        finish = finish_closing(purchase.closing_reason or reason)
        if purchase.request is None:
            return await self.take_step(purchase, finish, by=by)
        try:
            session_id = await self._session_of(purchase, purchase.request)
            if session_id is None:
                return await self.take_step(purchase, finish, by=by)
            session = await self._expire(session_id)
            return await self.conclude(purchase, session, by=by)
        except PaymentGatewayUnavailable:
            return purchase

    async def _session_of(
        self, purchase: Purchase, request: CheckoutRequest
    ) -> SessionId | None:
        """Return the session's id; None when there is none and can be none."""
        if purchase.session is not None:
            return purchase.session.id
        try:
            session = await self.payments.create_session(purchase.id, request)
        except PaymentRefused:
            return None
        except PaymentGatewayFailed:
            return await self._searched_session(purchase, request)
        return session.id

    async def _searched_session(
        self, purchase: Purchase, request: CheckoutRequest
    ) -> SessionId | None:
        """Search for the session, as its key repeats a failure for ever."""
        found = await self.payments.find_session(purchase.id, request=request)
        if found is None:
            # Only an answer tells the provider's time, so that is read now.  A session
            # may yet have come of a request that was on its way: what a search that
            # began after the window does not find cannot exist.
            if self.payments.now() <= request.closes_at:
                raise PaymentGatewayUnavailable("whether one exists will show later")
            found = await self.payments.find_session(purchase.id, request=request)
        return None if found is None else found.id

    async def _expire(self, session_id: SessionId) -> CheckoutSession:
        try:
            return await self.payments.expire_session(session_id)
        except SessionNotOpen:
            return await self.payments.get_session(session_id)
