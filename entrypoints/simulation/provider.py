"""The payment provider of a story: it tells of changes, and is not always well."""

from collections.abc import Callable
from typing import Any

from application.ports.payment_events import EventKind, EventObject, PaymentEvent
from domain.checkout import (
    CheckoutRequest,
    CheckoutSession,
    PaymentStatus,
    SessionStatus,
)
from domain.ids import PurchaseId, SessionId
from entrypoints.simulation.outside.payments import (
    ADA,
    FakePaymentGateway,
    SavedAnswer,
)

Tell = Callable[[EventKind, CheckoutSession], None]


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
        if isinstance(subject, CheckoutSession):
            self._tell(kind, subject)
        return super().record(kind, subject)
