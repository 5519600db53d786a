"""People, programs and purchases for the contracts; each can be asked for variants."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from application.ports.purchases import AdminAct
from domain.checkout import (
    CheckoutRequest,
    CheckoutSession,
    Payer,
    PaymentStatus,
    SessionStatus,
)
from domain.ids import BuyerId, OrderNumber, ProgramId, PurchaseId, SessionId
from domain.money import Money
from domain.outbox import Notice, NoticeKind, OutgoingMail
from domain.program import Program, TermsOfSale
from domain.purchase import (
    AWAITING_PAYMENT,
    Buyer,
    ClosedReason,
    OpenSession,
    Payment,
    Purchase,
    PurchasedProgram,
)
from domain.quote import Quote
from domain.refunds import ExtraPayment, ExtraReason, Refund, RefundState
from domain.transitions import (
    BeginClosing,
    Close,
    Complete,
    CompleteForFree,
    MarkReserved,
    OpenForPayment,
    Transition,
    close_before_payment,
    close_free,
    close_on_word,
    close_refused,
    finish_closing,
)

NOON: Final = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND: Final = timedelta(seconds=1)
MINUTE: Final = timedelta(minutes=1)
ADA: Final = BuyerId("ada")
GRACE: Final = BuyerId("grace")
CHOIR: Final = ProgramId("choir")
CHESS: Final = ProgramId("chess")


def usd(amount: int) -> Money:
    return Money.of(amount, "usd")


def program(
    id: ProgramId = CHOIR,  # noqa: A002
    *,
    limit: int = 10,
    **others: Any,
) -> Program:
    terms = TermsOfSale(
        full_price=usd(200_000),
        class_rep_discount=usd(50_000),
        early_bird_discount=usd(20_000),
        early_bird_deadline=NOON + timedelta(days=30),
        class_rep_limit=limit,
    )
    return replace(
        Program(
            id=id,
            title="Choir",
            program_type="music",
            terms=terms,
            time_zone="America/New_York",
        ),
        **others,
    )


def quote(*, total: int = 150_000, currency: str = "usd") -> Quote:
    def money(amount: int) -> Money:
        return Money.of(amount, currency)

    return Quote(
        full_price=money(200_000),
        class_rep_discount=money(200_000 - total),
        early_bird_discount=money(0),
        total=money(total),
        is_class_rep=True,
        is_early_bird=False,
        program_revision=3,
        quoted_at=NOON,
    )


def purchase(
    id: str = "one",  # noqa: A002
    *,
    buyer: BuyerId = ADA,
    program_id: ProgramId = CHOIR,
    at: datetime = NOON,
    **others: Any,
) -> Purchase:
    begun = Purchase.begin(
        id=PurchaseId(id),
        order_number=OrderNumber(f"ORD-{id}"),
        buyer=Buyer(id=buyer, email=f"{buyer}@example.com", name=buyer.title()),
        program=PurchasedProgram(
            id=program_id,
            title="Choir",
            program_type="music",
            time_zone="America/New_York",
        ),
        quote=quote(),
        request=CheckoutRequest(
            expires_at=at + 33 * MINUTE,
            parameters={
                "mode": "payment",
                "expires_at": 1_772_454_780,
                "line_items": [
                    {"quantity": 1, "price_data": {"unit_amount": 150_000, "tax": None}}
                ],
                "metadata": {"purchase_id": id},
                "automatic_tax": {"enabled": False},
            },
        ),
        at=at,
    )
    return replace(begun, **others)


def open_session(id: str = "cs_1") -> OpenSession:  # noqa: A002
    return OpenSession(
        id=SessionId(id), url=f"https://pay.example/{id}", expires_at=NOON + 33 * MINUTE
    )


def act(why: str = "the buyer called") -> AdminAct:
    return AdminAct(what="cancel", by="admin root", why=why, at=NOON)


def mail(until: datetime = NOON, *, of: str = "one") -> OutgoingMail:
    return OutgoingMail(message_id=f"<confirm.{of}@example.com>", until=until)


def notice(until: datetime = NOON, *, place: int = 0) -> Notice:
    return Notice(
        message_id=f"<refund-done.r{place}@example.com>",
        until=until,
        kind=NoticeKind.REFUND_DONE,
        row_id=f"r{place}",
        place=place,
    )


def extra_payment(session: str = "cs_late") -> ExtraPayment:
    return ExtraPayment(
        session_id=SessionId(session),
        payment_intent=f"pi_{session}",
        amount=150_000,
        currency="usd",
        reason=ExtraReason.LATE,
    )


def paid_session(
    id: str = "cs_lost",  # noqa: A002
    *,
    payment_intent: str | None = "pi_lost",
) -> CheckoutSession:
    return CheckoutSession(
        id=SessionId(id),
        status=SessionStatus.COMPLETE,
        payment_status=PaymentStatus.PAID,
        amount_total=150_000,
        currency="usd",
        livemode=False,
        created_at=NOON,
        expires_at=NOON + 33 * MINUTE,
        payment_intent=payment_intent,
        purchase_id=PurchaseId("nobody's"),
        app="spothold",
        environment="test",
        payer=Payer(email="ada@example.com"),
    )


def given_back() -> Refund:
    """Return the row of what was paid, once all of it has gone back."""
    return Refund(
        id="rf_1",
        amount=usd(150_000),
        reason="requested_by_customer",
        by="buyer",
        state=RefundState.DONE,
        stripe_id="re_1",
    )


def complete(*, due: datetime = NOON, of: str = "one") -> Complete:
    return Complete(
        payment=Payment(
            session_id=SessionId("cs_1"), payment_intent="pi_1", amount=usd(150_000)
        ),
        payer=Payer(name="Ada", country="GB"),
        confirmation=mail(due, of=of),
        at=NOON + MINUTE,
    )


def close(reason: ClosedReason = ClosedReason.CANCELLED) -> Close:
    """Close from wherever money is awaited."""
    return Close(reason=reason, leads_from=AWAITING_PAYMENT)


def every_transition(of: str) -> list[Transition]:
    """One of each kind, for one purchase."""
    return [
        MarkReserved(),
        OpenForPayment(session=open_session(f"cs_{of}")),
        BeginClosing(reason=ClosedReason.CANCELLED),
        complete(of=of),
        CompleteForFree(quote=quote(total=0), confirmation=mail(of=of), at=NOON),
        close_before_payment(ClosedReason.LIMIT_REACHED),
        close_free(ClosedReason.REPLACED),
        close_refused(),
        close_on_word(ClosedReason.EXPIRED),
        finish_closing(ClosedReason.CANCELLED),
    ]
