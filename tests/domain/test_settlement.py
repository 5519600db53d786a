"""What a session means, over every status, payment, amount, mode and session."""

from dataclasses import replace
from itertools import product

import pytest

from domain.checkout import CheckoutSession, PaymentStatus, SessionStatus
from domain.ids import SessionId
from domain.purchase import Purchase, Status
from domain.refunds import ExtraPayment, ExtraReason
from domain.settlement import (
    AlreadySettled,
    Completes,
    IsExtra,
    LivemodeMismatch,
    Verdict,
    Waits,
    payment_in,
    settle,
)
from tests.examples import (
    INTENT,
    OPEN,
    SESSION,
    a_paid_session,
    a_payment,
    a_purchase,
    a_session,
)

OTHER = SessionId("cs_other")
AWAITING = {"reserved", "pending", "closing"}
PAID_FOR = {"completed", "refunding", "refunded"}
SESSIONS = [SESSION, OTHER]
SUMS = [(8_000, "usd"), (7_999, "usd"), (8_001, "usd"), (0, "usd"), (8_000, "eur")]
NONSENSE = [(-1, "usd"), (8_000, "doubloons")]
PAID_OR_NOT = [PaymentStatus.PAID, PaymentStatus.UNPAID]


def extra(session: CheckoutSession, reason: ExtraReason, *, closes: bool) -> IsExtra:
    payment = ExtraPayment(
        session_id=session.id,
        payment_intent=INTENT,
        amount=session.amount_total,
        currency=session.currency,
        reason=reason,
    )
    return IsExtra(payment=payment, closes=closes)


def expected(purchase: Purchase, session: CheckoutSession) -> Verdict:
    """Say protocol 3.2, PAID, once more: the first line that fits is the verdict."""
    status = purchase.status.value
    is_known = status in {"pending", "closing"}
    if status in PAID_FOR:
        if session.id == SESSION:
            return AlreadySettled()
        return extra(session, ExtraReason.SECOND, closes=False)
    if is_known and session.id != SESSION:
        return extra(session, ExtraReason.FOREIGN_SESSION, closes=False)
    if (session.amount_total, session.currency) != (8_000, "usd"):
        return extra(session, ExtraReason.WRONG_AMOUNT, closes=True)
    if status in AWAITING:
        return Completes(payment=a_payment(session.id))
    return extra(session, ExtraReason.LATE, closes=False)


@pytest.mark.parametrize(
    ("status", "total", "session_id"),
    list(product(Status, SUMS, [SESSION, OTHER])),
)
def test_a_payment_completes_its_purchase_or_must_go_back(
    status: Status, total: tuple[int, str], session_id: SessionId
) -> None:
    purchase = a_purchase(status)
    session = a_paid_session(id=session_id, amount_total=total[0], currency=total[1])

    assert settle(purchase, session, livemode=False) == expected(purchase, session)


@pytest.mark.parametrize(
    ("status", "saved", "paid", "session_id"),
    list(product(Status, [None, *SESSIONS], [None, *SESSIONS], SESSIONS)),
)
def test_a_purchase_awaits_just_what_would_complete_it(
    status: Status,
    saved: SessionId | None,
    paid: SessionId | None,
    session_id: SessionId,
) -> None:
    purchase = a_purchase(
        status,
        session=saved and replace(OPEN, id=saved),
        paid=paid and a_payment(paid),
    )

    for (amount, currency), word in product(
        [*SUMS, (-1, "usd"), NONSENSE], PAID_OR_NOT
    ):
        session = a_session(
            id=session_id, amount_total=amount, currency=currency, payment_status=word
        )
        payment = payment_in(session, livemode=False)
        completes = isinstance(settle(purchase, session, livemode=False), Completes)

        assert completes == (payment is not None and purchase.awaits(payment))
        assert completes == (
            status.value in AWAITING
            and saved in (None, session_id)
            and paid is None
            and (amount, currency) == (8_000, "usd")
            and word is PaymentStatus.PAID
        )


@pytest.mark.parametrize(
    ("status", "session_status", "payment_status", "session_id", "total"),
    list(
        product(
            Status,
            SessionStatus,
            [PaymentStatus.UNPAID, PaymentStatus.NOT_REQUIRED],
            [SESSION, OTHER],
            SUMS[:2],
        )
    ),
)
def test_nothing_is_concluded_from_a_session_that_nobody_paid(
    status: Status,
    session_status: SessionStatus,
    payment_status: PaymentStatus,
    session_id: SessionId,
    total: tuple[int, str],
) -> None:
    purchase = a_purchase(status)
    session = a_session(
        id=session_id,
        status=session_status,
        payment_status=payment_status,
        amount_total=total[0],
    )

    verdict = settle(purchase, session, livemode=False)

    is_own = purchase.session is None or session_id == SESSION
    is_complete = session_status is SessionStatus.COMPLETE
    assert verdict == Waits(is_processing=is_complete and is_own)


@pytest.mark.parametrize(
    ("status", "payment_status", "ours"),
    list(product(Status, PaymentStatus, [True, False])),
)
def test_nothing_is_concluded_from_a_session_of_the_other_mode(
    status: Status, payment_status: PaymentStatus, *, ours: bool
) -> None:
    session = a_session(payment_status=payment_status, livemode=not ours)

    with pytest.raises(LivemodeMismatch, match=f"livemode={not ours}.* {ours}"):
        settle(a_purchase(status), session, livemode=ours)


def test_live_money_completes_a_live_purchase() -> None:
    session = a_paid_session(livemode=True)

    assert settle(a_purchase(), session, livemode=True) == Completes(
        payment=a_payment()
    )


def test_a_closed_purchase_never_revives_for_its_own_session() -> None:
    closed = a_purchase(Status.CLOSED, session=a_purchase(Status.PENDING).session)

    verdict = settle(closed, a_paid_session(), livemode=False)

    assert verdict == extra(a_paid_session(), ExtraReason.LATE, closes=False)


@pytest.mark.parametrize(
    ("status", "session_id", "own"),
    [
        (Status.RESERVED, SESSION, True),
        (Status.RESERVED, OTHER, True),
        (Status.PENDING, SESSION, True),
        (Status.PENDING, OTHER, False),
    ],
)
def test_any_session_may_be_the_own_one_while_none_is_saved(
    status: Status, session_id: SessionId, *, own: bool
) -> None:
    assert a_purchase(status).may_own(session_id) is own
