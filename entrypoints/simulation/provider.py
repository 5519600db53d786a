"""The payment provider of a story: it tells of changes, and is not always well."""

from collections.abc import Callable
from typing import Any, Protocol

from application.ports.payment_events import EventKind, EventObject, PaymentEvent
from application.ports.payments import PaymentGatewayUnavailable
from application.ports.refunds import RefundRefused
from domain.checkout import (
    CheckoutRequest,
    CheckoutSession,
    PaymentStatus,
    SessionStatus,
)
from domain.ids import PurchaseId, SessionId
from domain.refunding import RefundReport, RefundStatus
from entrypoints.simulation.outside.payments import (
    ADA,
    FakePaymentGateway,
    SavedAnswer,
)
from entrypoints.simulation.outside.refunds import FakeRefundGateway

Tell = Callable[[PaymentEvent], None]


class TalkingProvider(FakePaymentGateway):
    """Says what became of a session, as webhooks would.

    `tell` hears of each change; `fails` is asked at each first creation whether to save
    a failure under its key, and whether the session is made all the same.
    """

    def __init__(
        self, *args: Any, tell: Tell, fails: Callable[[], bool | None], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._tell = tell
        self._fails = fails
        self.rogue: set[SessionId] = set()

    def is_open(self, session: CheckoutSession) -> bool:
        is_over = session.expires_at <= self.now()
        return session.status is SessionStatus.OPEN and not is_over

    def break_its_word(self, session_id: SessionId) -> CheckoutSession:
        """Take money for a session that it had said was over."""
        self.rogue.add(session_id)
        return self._change(
            self.sessions[session_id],
            status=SessionStatus.COMPLETE,
            payment_status=PaymentStatus.PAID,
            payment_intent=f"pi_{session_id}",
            payer=ADA,
        )

    def _answer(self, purchase_id: PurchaseId, request: CheckoutRequest) -> SavedAnswer:
        creates = self._fails()
        if creates is not None:
            self.save_failure(purchase_id, creates=creates)
        return super()._answer(purchase_id, request)

    def record(self, kind: EventKind, subject: EventObject) -> PaymentEvent:
        event = super().record(kind, subject)
        self._tell(event)
        return event


class FirstWord(Protocol):
    """How a refund begins; None: it is refused, and so it never does."""

    def __call__(self, *, is_ours: bool) -> RefundStatus | None: ...


class FickleRefunds(FakeRefundGateway):
    """Begins refunds as it likes.

    `begins` is asked at each first creation; `sends` hears of each payment of which a
    refund is asked for, whatever comes of it.
    """

    def __init__(
        self, *, begins: FirstWord, sends: Callable[[str], None], **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self._begins = begins
        self._sends = sends
        self.is_down = False  # for new refunds only

    async def create_refund(
        self, *, payment_intent: str, **request: Any
    ) -> RefundReport:
        self._sends(payment_intent)
        if self.is_down:
            raise PaymentGatewayUnavailable("refunds are down")
        return await super().create_refund(payment_intent=payment_intent, **request)

    def _make(
        self,
        payment_intent: str,
        amount: int | None,
        purchase_id: PurchaseId | None,
        row_id: str | None,
    ) -> RefundReport:
        begins = self._begins(is_ours=row_id is not None)
        if begins is None:
            raise RefundRefused("insufficient_funds")
        self.begin_as = begins
        return super()._make(payment_intent, amount, purchase_id, row_id)
