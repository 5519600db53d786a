"""Ada, the choir at noon, and what can be made of them."""

from datetime import datetime, timedelta
from typing import Any, Final

from domain.checkout import (
    CheckoutRequest,
    CheckoutSession,
    PaymentStatus,
    SessionStatus,
)
from domain.cool_down import CoolDown
from domain.disputes import Dispute, DisputeReport, DisputeState
from domain.ids import BuyerId, OrderNumber, ProgramId, PurchaseId, SessionId
from domain.money import Money
from domain.outbox import OutgoingMail
from domain.program import Program, TermsOfSale
from domain.purchase import (
    Buyer,
    ClosedReason,
    OpenSession,
    Payment,
    Purchase,
    PurchasedProgram,
    Status,
)
from domain.quote import Quote, quote
from domain.refunding import RefundReport, RefundStatus
from domain.refunds import ExtraPayment, ExtraReason, Refund
from domain.unsettled_money import Promise
from entrypoints.simulation.outside.clock import NOON

ADA: Final = Buyer(id=BuyerId("ada"), email="ada@example.org", name="Ada")
GRACE: Final = Buyer(id=BuyerId("grace"), email="grace@example.org", name="Grace")
CHOIR: Final = ProgramId("choir")
BOUGHT_CHOIR: Final = PurchasedProgram(
    id=CHOIR, title="Choir", program_type="course", time_zone="Europe/London"
)
PURCHASE: Final = PurchaseId("p-1")
SESSION: Final = SessionId("cs_1")
INTENT: Final = "pi_1"
HOLD: Final = timedelta(minutes=35)
COOL_DOWN: Final = CoolDown(after=3, within=timedelta(hours=1))
REFUND_WINDOW: Final = timedelta(days=30)
PROMISE: Final = Promise(ours=timedelta(hours=1))


def usd(amount: int) -> Money:
    return Money.of(amount, "usd")


def terms_of_sale(**changes: Any) -> TermsOfSale:
    """Return $100, $30 less for a class rep, $20 less for an early bird."""
    terms: dict[str, Any] = {
        "full_price": usd(10_000),
        "class_rep_discount": usd(3_000),
        "early_bird_discount": usd(2_000),
        "early_bird_deadline": NOON + timedelta(days=1),
        "class_rep_limit": 10,
    }
    return TermsOfSale(**terms | changes)


def a_program(**changes: Any) -> Program:
    """Return the choir; `changes` are of its fields or of its terms."""
    fields = {name for name in Program.__dataclass_fields__ if name != "terms"}
    of_program = {name: changes.pop(name) for name in fields & set(changes)}
    program: dict[str, Any] = {
        "id": CHOIR,
        "title": "Choir",
        "program_type": "course",
        "time_zone": "Europe/London",
    }
    return Program(**program | of_program, terms=terms_of_sale(**changes))


def a_quote(*, as_class_rep: bool = False, **changes: Any) -> Quote:
    return quote(a_program(**changes), as_class_rep=as_class_rep, at=NOON)


def a_free_quote(*, as_class_rep: bool = False) -> Quote:
    return a_quote(
        as_class_rep=as_class_rep,
        full_price=usd(2_000),
        class_rep_discount=usd(0),
    )


REQUEST: Final = CheckoutRequest(expires_at=NOON + HOLD, parameters={"amount": 8_000})
OPEN: Final = OpenSession(
    id=SESSION, url="https://pay.example/1", expires_at=NOON + HOLD
)
CONFIRMATION: Final = OutgoingMail(message_id="<confirm.p-1@mail.example>", until=NOON)


def a_payment(session_id: SessionId = SESSION, amount: int = 8_000) -> Payment:
    return Payment(session_id=session_id, payment_intent=INTENT, amount=usd(amount))


def an_extra_payment(session_id: str = "cs_late", **changes: Any) -> ExtraPayment:
    extra: dict[str, Any] = {
        "session_id": SessionId(session_id),
        "payment_intent": f"pi_{session_id}",
        "amount": 8_000,
        "currency": "usd",
        "reason": ExtraReason.LATE,
    }
    return ExtraPayment(**extra | changes)


HAS_A_SESSION: Final = {Status.PENDING, Status.CLOSING}
HAS_PAID: Final = {Status.COMPLETED, Status.REFUNDING, Status.REFUNDED}


def a_purchase(
    status: Status = Status.RESERVED,
    *,
    as_class_rep: bool = False,
    is_free: bool = False,
    **changes: Any,
) -> Purchase:
    """Return Ada's purchase of the choir as it would be in a status."""
    offer = a_free_quote if is_free else a_quote
    facts: dict[str, Any] = {}
    if status in HAS_A_SESSION | HAS_PAID and not is_free:
        facts["session"] = OPEN
    if status in HAS_PAID:
        facts["paid"] = None if is_free else a_payment()
        facts["completed_at"] = NOON
        facts["confirmation"] = CONFIRMATION
    if status is Status.CLOSED:
        facts["closed_reason"] = ClosedReason.CANCELLED
    purchase: dict[str, Any] = {
        "id": PURCHASE,
        "order_number": OrderNumber("ORD-20260302-0123456789ABCDEF"),
        "buyer": ADA,
        "program": BOUGHT_CHOIR,
        "quote": offer(as_class_rep=as_class_rep),
        "request": None if is_free else REQUEST,
        "status": status,
        "created_at": NOON,
        "updated_at": NOON,
    }
    return Purchase(**purchase | facts | changes)


def a_session(**changes: Any) -> CheckoutSession:
    """Return the session of Ada's purchase, open; `changes` may say more."""
    session: dict[str, Any] = {
        "id": SESSION,
        "status": SessionStatus.OPEN,
        "payment_status": PaymentStatus.UNPAID,
        "amount_total": 8_000,
        "currency": "usd",
        "livemode": False,
        "created_at": NOON,
        "expires_at": NOON + HOLD,
        "purchase_id": PURCHASE,
        "app": "spothold",
        "environment": "test",
    }
    return CheckoutSession(**session | changes)


def a_paid_session(**changes: Any) -> CheckoutSession:
    paid: dict[str, Any] = {
        "status": SessionStatus.COMPLETE,
        "payment_status": PaymentStatus.PAID,
        "payment_intent": INTENT,
    }
    return a_session(**paid | changes)


def a_refund(row_id: str = "rf_1", amount: int = 8_000, **changes: Any) -> Refund:
    refund: dict[str, Any] = {
        "id": row_id,
        "amount": usd(amount),
        "reason": "requested_by_customer",
        "by": "buyer",
    }
    return Refund(**refund | changes)


def a_refund_report(
    refund_id: str = "re_1",
    status: RefundStatus = RefundStatus.SUCCEEDED,
    **changes: Any,
) -> RefundReport:
    """Return the provider's word on a refund that somebody made in the dashboard."""
    report: dict[str, Any] = {
        "id": refund_id,
        "payment_intent": INTENT,
        "amount": 8_000,
        "currency": "usd",
        "status": status,
        "created_at": NOON,
    }
    return RefundReport(**report | changes)


def a_dispute_report(
    state: DisputeState = DisputeState.NEEDS_RESPONSE,
    *,
    id: str = "dp_1",  # noqa: A002  # the field's name
    amount: int = 8_000,
    opened_at: datetime = NOON,
    payment_intent: str = INTENT,
) -> DisputeReport:
    dispute = Dispute(id=id, state=state, amount=usd(amount), opened_at=opened_at)
    return DisputeReport(payment_intent=payment_intent, dispute=dispute)
