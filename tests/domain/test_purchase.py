from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.checkout import Payer
from domain.purchase import (
    NEXT,
    AlreadyPurchased,
    CannotCancel,
    ClosedReason,
    IllegalTransition,
    Purchase,
    Status,
)
from domain.refunds import Refund, RefundState
from domain.transitions import (
    BeginClosing,
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
from entrypoints.simulation.outside.clock import NOON
from tests.examples import (
    ADA,
    BOUGHT_CHOIR,
    CONFIRMATION,
    OPEN,
    PURCHASE,
    REQUEST,
    a_free_quote,
    a_payment,
    a_purchase,
    a_quote,
    usd,
)

LATER = NOON + timedelta(minutes=5)
PAYER = Payer(name="Ada", email="ada@example.org", country="GB")
WHY = ClosedReason.EXPIRED

# The state machine of protocol 2, I7, said here once more on purpose: a test that read
# the table could not find it wrong.
LEGAL = {
    "creating": {"reserved", "closed"},
    "reserved": {"pending", "closing", "completed", "closed"},
    "pending": {"closing", "completed", "closed"},
    "closing": {"completed", "closed"},
    "completed": {"refunding", "refunded"},
    "refunding": {"refunded", "completed"},
    "refunded": set[str](),
    "closed": set[str](),
}

# Of every step: from where, to where, and the fields it fills beside the status.
COMPLETED_FACTS: dict[str, Any] = {
    "completed_at": LATER,
    "confirmation": CONFIRMATION,
}
STEPS: dict[str, tuple[Transition, set[str], str, dict[str, Any]]] = {
    "reserve": (MarkReserved(), {"creating"}, "reserved", {}),
    "open": (
        OpenForPayment(session=OPEN),
        {"reserved"},
        "pending",
        {"session": OPEN},
    ),
    "begin closing": (
        BeginClosing(reason=ClosedReason.CANCELLED),
        {"reserved", "pending"},
        "closing",
        {"closing_reason": ClosedReason.CANCELLED},
    ),
    "complete": (
        Complete(payment=a_payment(), payer=PAYER, confirmation=CONFIRMATION, at=LATER),
        {"reserved", "pending", "closing"},
        "completed",
        {
            **COMPLETED_FACTS,
            "paid": a_payment(),
            "payer": PAYER,
            "is_processing": False,
        },
    ),
    "complete for free": (
        CompleteForFree(quote=a_free_quote(), confirmation=CONFIRMATION, at=LATER),
        {"reserved"},
        "completed",
        COMPLETED_FACTS,
    ),
    "close before payment": (
        close_before_payment(WHY),
        {"creating"},
        "closed",
        {"closed_reason": WHY},
    ),
    "close free": (
        close_free(WHY),
        {"creating", "reserved"},
        "closed",
        {"closed_reason": WHY},
    ),
    "close refused": (
        close_refused(),
        {"reserved"},
        "closed",
        {"closed_reason": ClosedReason.REJECTED},
    ),
    "close on word": (
        close_on_word(WHY),
        {"reserved", "pending", "closing"},
        "closed",
        {"closed_reason": WHY},
    ),
    "finish closing": (
        finish_closing(WHY),
        {"closing"},
        "closed",
        {"closed_reason": WHY},
    ),
}


def test_the_table_of_statuses_is_the_protocols() -> None:
    assert {
        before.value: {after.value for after in NEXT[before]} for before in NEXT
    } == LEGAL


@pytest.mark.parametrize(
    ("status", "name"), [(s, n) for s, n in product(Status, STEPS)]
)
def test_a_step_leads_from_its_sources_and_from_nowhere_else(
    status: Status, name: str
) -> None:
    step, sources, target, facts = STEPS[name]
    before = a_purchase(status)

    assert step.sources == {Status(source) for source in sources}
    if status.value in sources:
        after = before.after(step, at=LATER)
        assert after == replace(
            before, status=Status(target), updated_at=LATER, **facts
        )
    else:
        with pytest.raises(IllegalTransition) as refusal:
            before.after(step, at=LATER)
        assert refusal.value.current is status
        assert refusal.value.wanted is Status(target)
        assert str(refusal.value) == f"A {status} purchase cannot become {target}."


@given(st.sampled_from(list(Status)), st.lists(st.sampled_from(sorted(STEPS))))
def test_facts_only_grow_and_the_end_is_the_end(
    start: Status, walk: Sequence[str]
) -> None:
    purchase = a_purchase(start)
    for name in walk:
        before = purchase
        try:
            purchase = purchase.after(STEPS[name][0], at=LATER)
        except IllegalTransition:
            continue
        assert purchase.status.value in LEGAL[before.status.value]
        assert not before.is_terminal
        for fact in ("paid", "closed_reason", "confirmation", "completed_at"):
            known = getattr(before, fact)
            assert known is None or getattr(purchase, fact) == known
        for kept in ("id", "order_number", "buyer", "program", "quote", "request"):
            assert getattr(purchase, kept) == getattr(before, kept)
    assert purchase.is_terminal is (purchase.status.value in {"closed", "refunded"})


def test_a_transition_outside_the_table_cannot_be_written() -> None:
    step = MarkReserved()

    with pytest.raises(ValueError, match="do not all lead to"):
        step._leads(Status.CLOSED, to=Status.PENDING)


def test_only_a_quote_of_zero_completes_without_a_payment() -> None:
    with pytest.raises(ValueError, match="quote of zero"):
        CompleteForFree(quote=a_quote(), confirmation=CONFIRMATION, at=NOON)


@pytest.mark.parametrize(
    ("quote", "request_"), [(a_quote(), None), (a_free_quote(), REQUEST)]
)
def test_a_purchase_asks_for_money_or_is_free(quote: Any, request_: Any) -> None:
    with pytest.raises(ValueError, match="never both"):
        replace(a_purchase(), quote=quote, request=request_)


@pytest.mark.parametrize(
    ("as_class_rep", "status"),
    [(True, Status.CREATING), (False, Status.RESERVED)],
)
def test_only_a_class_rep_has_a_spot_to_wait_for(
    *, as_class_rep: bool, status: Status
) -> None:
    begun = Purchase.begin(
        id=PURCHASE,
        order_number=a_purchase().order_number,
        buyer=ADA,
        program=BOUGHT_CHOIR,
        quote=a_quote(as_class_rep=as_class_rep),
        request=REQUEST,
        at=NOON,
    )

    assert begun == a_purchase(status, as_class_rep=as_class_rep)
    assert (begun.is_class_rep, begun.is_free) == (as_class_rep, False)


# live, terminal, owned, and rightly holding a spot when it is a class rep's.
@pytest.mark.parametrize(
    ("status", "is_live", "is_terminal", "is_owned", "holds"),
    [
        (Status.CREATING, True, False, False, False),
        (Status.RESERVED, True, False, False, True),
        (Status.PENDING, True, False, False, True),
        (Status.CLOSING, True, False, False, True),
        (Status.COMPLETED, True, False, True, True),
        (Status.REFUNDING, True, False, True, True),
        (Status.REFUNDED, False, True, False, False),
        (Status.CLOSED, False, True, False, False),
    ],
)
def test_a_status_says_who_lives_owns_and_holds(
    status: Status, *, is_live: bool, is_terminal: bool, is_owned: bool, holds: bool
) -> None:
    rep, other = a_purchase(status, as_class_rep=True), a_purchase(status)

    assert (rep.is_live, rep.is_terminal, rep.is_owned) == (
        is_live,
        is_terminal,
        is_owned,
    )
    assert rep.holds_a_spot is holds
    assert not other.holds_a_spot


@pytest.mark.parametrize("status", list(Status))
def test_only_a_pending_purchase_shows_where_to_pay(status: Status) -> None:
    purchase = a_purchase(status, session=OPEN)

    assert purchase.pay_url == (OPEN.url if status is Status.PENDING else None)


def test_a_purchase_whose_money_is_on_its_way_shows_no_page() -> None:
    assert a_purchase(Status.PENDING, is_processing=True).pay_url is None


def test_a_pending_purchase_without_a_session_shows_no_page() -> None:
    assert a_purchase(Status.PENDING, session=None).pay_url is None


def refunds(*states: RefundState) -> tuple[Refund, ...]:
    return tuple(
        Refund(id=f"r-{n}", amount=usd(10**n), reason="asked", by="ada", state=state)
        for n, state in enumerate(states)
    )


def test_only_refunds_that_give_or_may_give_money_back_are_counted() -> None:
    rows = refunds(
        RefundState.DUE,
        RefundState.SENT,
        RefundState.DONE,
        RefundState.FAILED,
        RefundState.REFUSED,
    )

    assert a_purchase(Status.COMPLETED, refunds=rows).refunded_amount == 111
    assert a_purchase(Status.COMPLETED).refunded_amount == 0


@pytest.mark.parametrize(
    ("status", "states", "failed"),
    [
        (Status.COMPLETED, (), False),
        (Status.COMPLETED, (RefundState.FAILED,), True),
        (Status.COMPLETED, (RefundState.DONE, RefundState.REFUSED), True),
        (Status.COMPLETED, (RefundState.FAILED, RefundState.DONE), False),
        (Status.REFUNDING, (RefundState.FAILED,), False),
        (Status.REFUNDED, (RefundState.FAILED,), False),
    ],
)
def test_a_failed_refund_shows_while_it_is_the_last_word(
    status: Status, states: tuple[RefundState, ...], *, failed: bool
) -> None:
    purchase = a_purchase(status, refunds=refunds(*states))

    assert purchase.last_refund_failed is failed


def test_refusals_say_what_the_buyer_reads() -> None:
    bought = AlreadyPurchased(PURCHASE)

    assert bought.purchase_id == PURCHASE
    assert str(bought) == "You have already purchased this program."
    assert "ask for a refund" in str(CannotCancel())
