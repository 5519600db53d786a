from datetime import datetime
from enum import StrEnum
from typing import Protocol

from application.errors import ApplicationError
from domain.checkout import CheckoutRequest, CheckoutSession
from domain.ids import PurchaseId, SessionId
from domain.purchase import Buyer, PaymentMethod, PurchasedProgram
from domain.quote import Quote


class PaymentRefused(ApplicationError):
    """The provider said no, for good: the same request will never succeed."""

    code = "payment_refused"

    def __init__(self, reason: str | None = None, *, is_too_late: bool = False) -> None:
        super().__init__("The payment provider refused this checkout.")
        self.reason = reason
        self.is_too_late = is_too_late


class PaymentGatewayUnavailable(ApplicationError):
    """No answer, or one that says nothing: what was asked may have happened or not.

    Also raised, beside an alert, when the provider rejects our configuration.
    """

    code = "payment_gateway_unavailable"

    def __init__(self, reason: str | None = None) -> None:
        super().__init__("The payment provider does not answer; please try again.")
        self.reason = reason


class PaymentGatewayFailed(PaymentGatewayUnavailable):
    """The provider answered with an error of its own, and will repeat it by the key.

    Whether the session exists must be looked up (protocol 3.2, CLOSE).
    """


class SessionNotOpen(ApplicationError):
    """Only an open session can be expired; ask for its state."""

    code = "session_not_open"


class IntentState(StrEnum):
    """Where a payment stands whose session is complete and unpaid.

    OVER: no money can come of it any more.  Money that has come since the session was
    read is not over: the session says so at the next look.
    """

    UNDER_WAY = "under_way"
    OVER = "over"


class PaymentGateway(Protocol):
    """The payment provider.

    Every call bounds its own work (8 s, all tries included) and may raise
    `PaymentGatewayUnavailable`.
    """

    def compose(
        self,
        *,
        purchase_id: PurchaseId,
        buyer: Buyer,
        program: PurchasedProgram,
        quote: Quote,
        expires_at: datetime,
    ) -> CheckoutRequest:
        """Word the request that opens the session; nothing is sent."""
        ...

    def now(self) -> datetime:
        """Return the provider's time: ours and the offset seen in its last answer."""
        ...

    async def create_session(
        self, purchase_id: PurchaseId, request: CheckoutRequest
    ) -> CheckoutSession:
        """Open the session of a purchase; asked again, return the same one.

        Raises:
            PaymentRefused: no session exists and none can come of this request.
            PaymentGatewayFailed: a session may exist; its key repeats the failure.
        """
        ...

    async def find_session(
        self, purchase_id: PurchaseId, *, request: CheckoutRequest
    ) -> CheckoutSession | None:
        """Look a session up among those created while its request could succeed."""
        ...

    async def get_session(self, session_id: SessionId) -> CheckoutSession:
        """Return the state of a session as it is now."""
        ...

    async def expire_session(self, session_id: SessionId) -> CheckoutSession:
        """End an open session, so that it can never be paid.

        Raises:
            SessionNotOpen: it is complete or expired.
        """
        ...

    async def intent_state(self, payment_intent: str) -> IntentState:
        """Say whether a delayed payment may still arrive."""
        ...

    async def payment_method(self, payment_intent: str) -> PaymentMethod:
        """Return how a payment was made."""
        ...
