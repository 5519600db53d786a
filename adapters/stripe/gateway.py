from contextlib import aclosing
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote_plus

import stripe

from adapters.stripe.calls import Calls
from adapters.stripe.errors import Meaning, Trouble, trouble_of
from adapters.stripe.history import StripePaymentHistory
from adapters.stripe.ledger import StripePaymentLedger
from adapters.stripe.line import StripeLine
from adapters.stripe.listing import listed
from adapters.stripe.patience import Patience
from adapters.stripe.payments import intent_state_of, payment_method_of
from adapters.stripe.refunds import StripeRefundGateway
from adapters.stripe.requests import Wording
from adapters.stripe.sessions import session_of
from adapters.stripe.transport import ProviderClock, SafeAIOHTTPClient, stripe_client
from application.ports.alerts import Alerts
from application.ports.calls import CallWatch, Unwatched
from application.ports.clock import Clock
from application.ports.payments import (
    IntentState,
    PaymentGatewayFailed,
    PaymentRefused,
    SessionNotOpen,
)
from application.ports.trail import SilentTrail, Trail
from domain.checkout import (
    LONGEST_SESSION,
    SHORTEST_SESSION,
    CheckoutRequest,
    CheckoutSession,
    SessionStatus,
)
from domain.ids import PurchaseId, SessionId
from domain.purchase import Buyer, PaymentMethod, PurchasedProgram
from domain.quote import Quote

SLACK: Final = timedelta(minutes=1)  # between checking the end and writing `created`
SESSIONS: Final = "/v1/checkout/sessions"
INTENTS: Final = "/v1/payment_intents"
DEFAULT_API_BASE: Final = "https://api.stripe.com"


class StripePaymentGateway:
    """Asks Stripe, patiently, and puts what it says in the application's words.

    `refunds` gives money back over the same line, `history` and `ledger` read
    what was.

    Args:
        secret_key: of Stripe's API; a restricted one will do.
        clock: ours; `now` adds what Stripe's answers teach about Stripe's.
        alerts: hears of what no retry will mend.
        environment: which of our installations this is.
        success_url: see `Wording`.
        cancel_url: see `Wording`.
        api_base: where Stripe is.
        patience: how often and how long to ask.
        line: where requests wait for their turn; without it none waits.
        watch: sees each call, and how it ended.
        trail: hears of each call about something that has a name.
    """

    def __init__(
        self,
        secret_key: str,
        *,
        clock: Clock,
        alerts: Alerts,
        environment: str,
        success_url: str,
        cancel_url: str,
        api_base: str = DEFAULT_API_BASE,
        patience: Patience | None = None,
        line: StripeLine | None = None,
        watch: CallWatch | None = None,
        trail: Trail | None = None,
    ) -> None:
        self._wording = Wording(
            environment=environment, success_url=success_url, cancel_url=cancel_url
        )
        self._patience = patience or Patience()
        self._calls = Calls(
            alerts=alerts,
            clock=clock,
            patience=self._patience,
            trail=trail or SilentTrail(),
            watch=watch or Unwatched(),
        )
        self._clock = ProviderClock(clock)
        self._http = SafeAIOHTTPClient(
            self._clock.observe, per_try=self._patience.per_try, line=line
        )
        client = stripe_client(secret_key, api_base=api_base, http=self._http)
        self._client = client
        self._sessions = client.v1.checkout.sessions
        self._intents = client.v1.payment_intents
        self.refunds = StripeRefundGateway(
            client, calls=self._calls, environment=environment
        )
        self.history = StripePaymentHistory(client, calls=self._calls)
        self.ledger = StripePaymentLedger(client, calls=self._calls)

    async def close(self) -> None:
        """Hang up."""
        await self._http.close_async()

    def compose(
        self,
        *,
        purchase_id: PurchaseId,
        buyer: Buyer,
        program: PurchasedProgram,
        quote: Quote,
        expires_at: datetime,
    ) -> CheckoutRequest:
        return self._wording.request(
            purchase_id=purchase_id,
            buyer=buyer,
            program=program,
            quote=quote,
            expires_at=expires_at,
        )

    def now(self) -> datetime:
        return self._clock.now()

    async def create_session(
        self, purchase_id: PurchaseId, request: CheckoutRequest
    ) -> CheckoutSession:
        # The SDK's own way, but for the object that it would build of the answer and
        # that costs more than all else here (docs/adr/0033).
        async with self._calls.call("create_session", purchase_id):
            try:
                answer = await self._patience.insist(
                    lambda: self._client.raw_request_async(
                        "post",
                        SESSIONS,
                        idempotency_key=f"co:{purchase_id}",
                        **request.parameters,
                    )
                )
            except stripe.StripeError as error:
                self._judge_creation(trouble_of(error), request)
                raise
            return session_of(answer.data)

    async def find_session(
        self, purchase_id: PurchaseId, *, request: CheckoutRequest
    ) -> CheckoutSession | None:
        async with self._calls.call("find_session", purchase_id):
            since = int((request.expires_at - LONGEST_SESSION - SLACK).timestamp())
            until = int((request.closes_at + SLACK).timestamp())
            window = {"created": {"gte": since, "lte": until}}
            pages = listed(self._sessions.list_async, window, patience=self._patience)
            async with aclosing(pages) as sessions:
                async for session in sessions:
                    if session.get("client_reference_id") == purchase_id:
                        return session_of(session)
            return None

    async def get_session(self, session_id: SessionId) -> CheckoutSession:
        async with self._calls.call("get_session", session_id):
            return await self._retrieve(session_id)

    async def expire_session(self, session_id: SessionId) -> CheckoutSession:
        # No idempotency key of ours.  To expire is idempotent as it is: once it worked,
        # a repeat is refused and we look.  A key would do harm: an error of Stripe's
        # saved under it would keep the session from being expired for a day.
        async with self._calls.call("expire_session", session_id):
            try:
                answer = await self._patience.insist(
                    lambda: self._sessions.expire_async(session_id)
                )
            except stripe.InvalidRequestError as error:
                await self._judge_expiry(trouble_of(error), session_id)
                raise
            return session_of(answer.to_dict())

    async def intent_state(self, payment_intent: str) -> IntentState:
        async with self._calls.call("intent_state", payment_intent):
            answer = await self._patience.insist(
                lambda: self._intents.retrieve_async(payment_intent)
            )
            return intent_state_of(answer.to_dict())

    async def payment_method(self, payment_intent: str) -> PaymentMethod:
        # As a session is opened: with its charge it is many objects, and we read one.
        path = f"{INTENTS}/{quote_plus(payment_intent)}"
        async with self._calls.call("payment_method", payment_intent):
            answer = await self._patience.insist(
                lambda: self._client.raw_request_async(
                    "get", path, expand=["latest_charge"]
                )
            )
            return payment_method_of(answer.data)

    def _judge_creation(self, trouble: Trouble, request: CheckoutRequest) -> None:
        """Raise what only the opening of a session can mean."""
        if trouble.meaning is Meaning.FAILED:
            raise PaymentGatewayFailed(trouble.reason)
        if trouble.meaning is Meaning.REFUSED:
            # The one parameter is refused when it is too near and when it is too far.
            left = request.expires_at - self.now()
            is_near = left < (SHORTEST_SESSION + LONGEST_SESSION) / 2
            raise PaymentRefused(
                trouble.reason, is_too_late=trouble.param == "expires_at" and is_near
            )

    async def _judge_expiry(self, trouble: Trouble, session_id: SessionId) -> None:
        """Raise `SessionNotOpen` if that is why; Stripe has no code for it, so look."""
        if trouble.meaning is Meaning.REFUSED:
            session = await self._retrieve(session_id)
            if session.status is not SessionStatus.OPEN:
                raise SessionNotOpen

    async def _retrieve(self, session_id: SessionId) -> CheckoutSession:
        answer = await self._patience.insist(
            lambda: self._sessions.retrieve_async(session_id)
        )
        return session_of(answer.to_dict())
