"""A payment provider in memory, which keeps its word exactly as Stripe does."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, TypeVar

from application.ports.payment_events import EventKind, EventObject, PaymentEvent
from application.ports.payments import (
    IntentState,
    PaymentGatewayFailed,
    PaymentGatewayUnavailable,
    PaymentRefused,
    SessionNotOpen,
)
from domain.checkout import (
    CheckoutRequest,
    CheckoutSession,
    Payer,
    PaymentStatus,
    SessionStatus,
)
from domain.ids import PurchaseId, SessionId
from domain.purchase import Buyer, PaymentMethod, PurchasedProgram
from domain.quote import Quote
from entrypoints.simulation.outside.clock import ManualClock
from entrypoints.simulation.outside.memory import event_about

SHORTEST: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=24)
KEYS_KEPT: Final = timedelta(hours=24)
VISA: Final = PaymentMethod(type="card", brand="visa", last4="4242")

ADA: Final = Payer(name="Ada", email="ada@example.org", country="GB")

Answer = TypeVar("Answer")
Key = TypeVar("Key", bound=str)
Gate = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedAnswer:
    """What an idempotency key repeats.  `session` None: the provider's own failure."""

    request: CheckoutRequest
    saved_at: datetime
    session: CheckoutSession | None


async def open_gate(_moment: str) -> None:
    """Let everything pass."""


class FakePaymentGateway:
    """Sessions in a dict, under the provider's own clock.

    `gate` is awaited with `"create_session:before"`, `"create_session:after"` and so on
    around the effect of each call: wait there to arrange a race, raise there to lose a
    request or its answer.  `calls` counts what was asked, lost requests included.
    `events` keeps what happened, for whoever asks for it later.
    """

    def __init__(
        self,
        clock: ManualClock | None = None,
        *,
        gate: Gate = open_gate,
        livemode: bool = False,
        environment: str = "test",
    ) -> None:
        self.clock = clock or ManualClock()
        self.gate = gate
        self.livemode = livemode
        self.environment = environment
        self.sessions: dict[SessionId, CheckoutSession] = {}
        self.intents: dict[str, IntentState] = {}
        self.methods: dict[str, PaymentMethod] = {}
        self.events: dict[str, PaymentEvent] = {}
        self.calls: Counter[str] = Counter()
        self.created: Counter[PurchaseId] = Counter()
        self._keys: dict[PurchaseId, SavedAnswer] = {}
        self._refusals: dict[PurchaseId, PaymentRefused] = {}
        self._failures: dict[PurchaseId, bool] = {}
        self._losses: Counter[str] = Counter()

    # --- The port ---------------------------------------------------------------

    def compose(
        self,
        *,
        purchase_id: PurchaseId,
        buyer: Buyer,
        program: PurchasedProgram,
        quote: Quote,
        expires_at: datetime,
    ) -> CheckoutRequest:
        return CheckoutRequest(
            expires_at=whole(expires_at),
            parameters={
                "purchase_id": purchase_id,
                "amount": quote.total.amount,
                "currency": quote.total.currency.code,
                "title": program.title,
                "email": buyer.email,
            },
        )

    def now(self) -> datetime:
        """Return the provider's time, which it tells in whole seconds."""
        return whole(self.clock.now())

    async def create_session(
        self, purchase_id: PurchaseId, request: CheckoutRequest
    ) -> CheckoutSession:
        return await self.ask(
            "create_session", lambda: self._create(purchase_id, request)
        )

    async def find_session(
        self, purchase_id: PurchaseId, *, request: CheckoutRequest
    ) -> CheckoutSession | None:
        return await self.ask("find_session", lambda: self._find(purchase_id, request))

    async def get_session(self, session_id: SessionId) -> CheckoutSession:
        return await self.ask("get_session", lambda: self._session(session_id))

    async def expire_session(self, session_id: SessionId) -> CheckoutSession:
        return await self.ask("expire_session", lambda: self._expire(session_id))

    async def intent_state(self, payment_intent: str) -> IntentState:
        return await self.ask(
            "intent_state", lambda: known(self.intents, payment_intent)
        )

    async def payment_method(self, payment_intent: str) -> PaymentMethod:
        return await self.ask(
            "payment_method", lambda: known(self.methods, payment_intent)
        )

    # --- What buyers and banks do -----------------------------------------------

    def pay(
        self,
        session_id: SessionId,
        amount: int | None = None,
        *,
        currency: str | None = None,
        payer: Payer = ADA,
    ) -> CheckoutSession:
        """Pay at once; by card.

        Raises:
            SessionNotOpen: the page can no longer be paid.
        """
        asked = self.sessions[session_id]
        return self._complete(
            session_id,
            PaymentStatus.PAID,
            payer,
            amount_total=asked.amount_total if amount is None else amount,
            currency=currency or asked.currency,
        )

    def pay_later(self, session_id: SessionId) -> CheckoutSession:
        """Promise to pay: the session is complete, the money is under way.

        Raises:
            SessionNotOpen: the page can no longer be paid.
        """
        return self._complete(session_id, PaymentStatus.UNPAID, ADA)

    def clear_delayed(self, session_id: SessionId) -> CheckoutSession:
        """Let the money of `pay_later` arrive."""
        session = self._delayed(session_id)
        return self._change(session, payment_status=PaymentStatus.PAID)

    def fail_delayed(self, session_id: SessionId) -> CheckoutSession:
        """Let the money of `pay_later` never arrive."""
        session = self._delayed(session_id)
        self.intents[f"pi_{session_id}"] = IntentState.OVER
        self.record(EventKind.ASYNC_PAYMENT_FAILED, session)
        return session

    def expire_by_time(self, session_id: SessionId) -> CheckoutSession:
        """Move the provider's clock to where nobody can pay this session any more."""
        session = self.sessions[session_id]
        self.clock.at = max(self.clock.at, session.expires_at)
        self._expire_what_is_due()
        return self.sessions[session_id]

    # --- What can go wrong ------------------------------------------------------

    def refuse(
        self, purchase_id: PurchaseId, reason: str = "parameter_invalid_integer"
    ) -> None:
        """Say no, for good, to a purchase that has no session yet."""
        self._refusals[purchase_id] = PaymentRefused(reason)

    def save_failure(self, purchase_id: PurchaseId, *, creates: bool) -> None:
        """Answer the first create with an error that its key then repeats.

        Args:
            purchase_id: whose session is asked for.
            creates: whether the session exists all the same.
        """
        self._failures[purchase_id] = creates

    def lose_request(self, call: str, times: int = 1) -> None:
        """Be unavailable before the effect: nothing happens."""
        self._losses[f"{call}:before"] += times

    def lose_answer(self, call: str, times: int = 1) -> None:
        """Be unavailable after the effect: it happened and nobody hears of it."""
        self._losses[f"{call}:after"] += times

    def plant(self, session: CheckoutSession) -> CheckoutSession:
        """Let a session exist that nobody asked this gateway for."""
        self.sessions[session.id] = session
        return session

    def record(self, kind: EventKind, subject: EventObject) -> PaymentEvent:
        """Remember that something happened, with the object as it is now."""
        event = event_about(
            subject,
            kind,
            id=f"evt_test_{len(self.events) + 1}",
            at=self.now(),
            livemode=self.livemode,
        )
        self.events[event.id] = event
        return event

    def sessions_of(self, purchase_id: PurchaseId) -> Sequence[CheckoutSession]:
        """Return all sessions that name a purchase, oldest first."""
        self._expire_what_is_due()
        return [s for s in self.sessions.values() if s.purchase_id == purchase_id]

    # --- Inside -----------------------------------------------------------------

    async def ask(self, name: str, act: Callable[[], Answer]) -> Answer:
        """Answer a call, if neither the request nor the answer gets lost."""
        await asyncio.sleep(0)
        self.calls[name] += 1
        await self._pass(f"{name}:before")
        self._expire_what_is_due()
        try:
            return act()
        finally:
            await self._pass(f"{name}:after")

    async def _pass(self, moment: str) -> None:
        await self.gate(moment)
        if self._losses[moment] > 0:
            self._losses[moment] -= 1
            raise PaymentGatewayUnavailable(moment)

    def _create(
        self, purchase_id: PurchaseId, request: CheckoutRequest
    ) -> CheckoutSession:
        saved = self._keys.get(purchase_id)
        if saved is None or self.now() - saved.saved_at >= KEYS_KEPT:
            saved = self._answer(purchase_id, request)
            self._keys[purchase_id] = saved
        if saved.request != request:
            raise PaymentGatewayUnavailable("idempotency_error")
        if saved.session is None:
            raise PaymentGatewayFailed("saved_failure")
        # The first answer word for word, even if the session was paid or expired since.
        return saved.session

    def _answer(self, purchase_id: PurchaseId, request: CheckoutRequest) -> SavedAnswer:
        """Answer a key for the first time; a refusal is not kept under it."""
        self._validate(purchase_id, request)
        creates = self._failures.pop(purchase_id, None)
        session = self._open(purchase_id, request) if creates is not False else None
        return SavedAnswer(
            request=request,
            saved_at=self.now(),
            session=session if creates is None else None,
        )

    def _validate(self, purchase_id: PurchaseId, request: CheckoutRequest) -> None:
        if purchase_id in self._refusals:
            raise self._refusals[purchase_id]
        if request.expires_at < self.now() + SHORTEST:
            raise PaymentRefused("expires_at", is_too_late=True)
        if request.expires_at > self.now() + LONGEST:
            raise PaymentRefused("expires_at")

    def _open(
        self, purchase_id: PurchaseId, request: CheckoutRequest
    ) -> CheckoutSession:
        self.created[purchase_id] += 1
        session_id = SessionId(f"cs_test_{len(self.sessions) + 1:04}{purchase_id}")
        amount = request.parameters["amount"]
        if not isinstance(amount, int):
            raise TypeError("an amount is a whole number of minor units")
        return self.plant(
            CheckoutSession(
                id=session_id,
                status=SessionStatus.OPEN,
                payment_status=PaymentStatus.UNPAID,
                amount_total=amount,
                currency=str(request.parameters["currency"]),
                livemode=self.livemode,
                created_at=self.now(),
                expires_at=whole(request.expires_at),
                url=f"https://pay.example/{session_id}",
                purchase_id=purchase_id,
                app="spothold",
                environment=self.environment,
            )
        )

    def _find(
        self, purchase_id: PurchaseId, request: CheckoutRequest
    ) -> CheckoutSession | None:
        since, until = request.expires_at - LONGEST, request.expires_at - SHORTEST
        found = [
            session
            for session in self.sessions.values()
            if session.purchase_id == purchase_id
            and since <= session.created_at <= until
        ]
        return max(found, key=lambda session: session.created_at, default=None)

    def _session(self, session_id: SessionId) -> CheckoutSession:
        return known(self.sessions, session_id)

    def _expire(self, session_id: SessionId) -> CheckoutSession:
        session = self._session(session_id)
        if session.status is not SessionStatus.OPEN:
            raise SessionNotOpen
        return self._change(session, status=SessionStatus.EXPIRED, url=None)

    def _complete(
        self,
        session_id: SessionId,
        payment_status: PaymentStatus,
        payer: Payer,
        **facts: object,
    ) -> CheckoutSession:
        self._expire_what_is_due()
        session = self.sessions[session_id]
        if session.status is not SessionStatus.OPEN:
            raise SessionNotOpen
        payment_intent = f"pi_{session_id}"
        self.intents[payment_intent] = IntentState.UNDER_WAY
        self.methods[payment_intent] = VISA
        return self._change(
            session,
            status=SessionStatus.COMPLETE,
            payment_status=payment_status,
            payment_intent=payment_intent,
            payer=payer,
            url=None,
            **facts,
        )

    def _delayed(self, session_id: SessionId) -> CheckoutSession:
        session = self.sessions[session_id]
        is_under_way = self.intents.get(f"pi_{session_id}") is IntentState.UNDER_WAY
        if session.is_paid or not is_under_way:
            raise ValueError("no delayed payment is under way")
        return session

    def _expire_what_is_due(self) -> None:
        for session in list(self.sessions.values()):
            is_open = session.status is SessionStatus.OPEN
            if is_open and session.expires_at <= self.now():
                self._change(session, status=SessionStatus.EXPIRED, url=None)

    def _change(self, session: CheckoutSession, **facts: object) -> CheckoutSession:
        changed = replace(session, **facts)  # type: ignore[arg-type]
        before = self.sessions.get(session.id, session)
        self.sessions[session.id] = changed
        if changed.status is not before.status:
            is_over = changed.status is SessionStatus.EXPIRED
            self.record(
                EventKind.SESSION_EXPIRED if is_over else EventKind.SESSION_COMPLETED,
                changed,
            )
        elif changed.is_paid and not before.is_paid:
            self.record(EventKind.ASYNC_PAYMENT_SUCCEEDED, changed)
        return changed


def whole(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


def known(things: dict[Key, Answer], name: Key) -> Answer:
    """Return a thing, or what the port makes of the provider's 404."""
    try:
        return things[name]
    except KeyError:
        raise PaymentGatewayUnavailable("resource_missing") from None
