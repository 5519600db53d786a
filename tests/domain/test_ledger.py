from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.day_ledger import (
    ITEMS_MAX,
    TRACES_MAX,
    DayLedger,
    DayTally,
    LedgerLine,
    Mismatch,
    beginning_of,
    day_of,
    end_of,
)
from domain.disputes import DisputeState
from domain.ledger import Movement, MovementKind, PaymentRecord, Sum, records_of
from domain.purchase import Purchase, Status
from domain.refunds import ExtraPaymentState, RefundState
from tests.domain.balances import a_movement, booked_of
from tests.examples import (
    INTENT,
    PURCHASE,
    a_dispute_report,
    a_payment,
    a_purchase,
    a_refund,
    an_extra_payment,
)

DAY = date(2026, 3, 2)
PAYMENT, REFUND = MovementKind.PAYMENT, MovementKind.REFUND
REFUND_FAILURE = MovementKind.REFUND_FAILURE
DISPUTE, REVERSAL = MovementKind.DISPUTE, MovementKind.DISPUTE_REVERSAL
SENT, DONE = RefundState.SENT, RefundState.DONE
FAILED, REFUSED = RefundState.FAILED, RefundState.REFUSED
Movements = list[Movement]

moneys = st.integers(1, 10_000)


@st.composite
def settled_purchases(draw: st.DrawFn) -> Purchase:
    """A purchase of which nothing is pending, whatever happened to its money."""
    parts = draw(st.lists(moneys, max_size=4))
    states = st.sampled_from([DONE, FAILED])
    refunds = tuple(
        a_refund(f"rf_{at}", part, stripe_id=f"re_{at}", state=draw(states))
        for at, part in enumerate(parts)
    )
    extra = an_extra_payment(
        state=draw(st.sampled_from([ExtraPaymentState.DONE, ExtraPaymentState.FAILED])),
        stripe_id="re_extra",
        failed=draw(st.sampled_from([(), ("re_old",)])),
    )
    word = draw(st.none() | st.sampled_from([DisputeState.WON, DisputeState.LOST]))
    report = word and a_dispute_report(word, amount=draw(moneys))
    return a_purchase(
        Status.REFUNDED,
        paid=a_payment(amount=draw(moneys)),
        refunds=refunds,
        extra_payments=draw(st.sampled_from([(), (extra,)])),
        dispute=report and report.dispute,
    )


def known_to(purchase: Purchase) -> dict[str, PaymentRecord]:
    return {record.payment_intent: record for record in records_of(purchase)}


def ledger_of(movements: Movements, records: dict[str, PaymentRecord]) -> DayLedger:
    """Add the day up as the use case does, with nothing booked on other days."""
    tally = DayTally(DAY)
    for movement in movements:
        tally.book(movement, records.get(movement.payment_intent))
    for record in records.values():
        of_it = [m for m in movements if m.payment_intent == record.payment_intent]
        if tally.lacks(record):
            tally.miss(record, moved={m.trace for m in of_it})
    return tally.result()


def own(**changes: Any) -> PaymentRecord:
    (record,) = records_of(a_purchase(Status.COMPLETED, **changes))
    return record


def expected(record: PaymentRecord, kind: MovementKind, subject: str) -> int | None:
    found = record.expected(a_movement(kind, -1, subject=subject))
    return None if found is None else found.amount


def missing(record: PaymentRecord, *seen: tuple[MovementKind, str]) -> dict[str, int]:
    found = record.missing({(PAYMENT, INTENT), *seen})
    return {f"{kind} {name}": lost.amount for (kind, name), lost in found}


# --- Both sides honest ----------------------------------------------------------


@given(settled_purchases(), st.randoms())
def test_what_is_right_is_equal_in_whatever_order(
    purchase: Purchase, random: Any
) -> None:
    movements = list(booked_of(purchase))
    random.shuffle(movements)

    ledger = ledger_of(movements, known_to(purchase))

    assert ledger.is_equal
    assert [line.difference for line in ledger.lines] == [0]
    assert ledger.lines[0].stripes == sum(m.sum.amount for m in movements)


def test_a_day_without_money_is_equal() -> None:
    assert ledger_of([], {}) == DayLedger(day=DAY)


# --- Something is lost, doubled or wrong ----------------------------------------


@given(settled_purchases(), st.data())
def test_a_payment_that_we_forgot_is_found_and_named(
    purchase: Purchase, data: st.DataObject
) -> None:
    records = known_to(purchase)
    movements = [
        replace(movement, purchase_id=purchase.id) for movement in booked_of(purchase)
    ]
    lost = data.draw(st.sampled_from(sorted(records)))
    del records[lost]

    ledger = ledger_of(movements, records)

    of_it = [m for m in movements if m.payment_intent == lost]
    assert not ledger.is_equal
    assert {item.mismatch for item in ledger.items} == {Mismatch.UNKNOWN_TO_US}
    assert [item.subject for item in ledger.items] == [m.subject for m in of_it]
    assert {item.purchase_id for item in ledger.items} == {purchase.id}
    (line,) = ledger.lines
    assert line.difference == sum(m.sum.amount for m in of_it)


@given(settled_purchases(), st.data())
def test_a_row_that_did_not_move_is_found_and_named(
    purchase: Purchase, data: st.DataObject
) -> None:
    movements = list(booked_of(purchase))
    lost = data.draw(st.sampled_from(movements))
    # Who knows no refund knows no failure of it either, nor a dispute's reversal.
    assume(
        lost.kind in {PAYMENT, REFUND_FAILURE, REVERSAL} or not back(lost, movements)
    )
    assume(lost.subject not in {"re_part", "re_old"})
    movements.remove(lost)

    ledger = ledger_of(movements, known_to(purchase))

    (item,) = ledger.items
    assert (item.mismatch, item.kind) == (Mismatch.UNKNOWN_TO_STRIPE, lost.kind)
    assert (item.payment_intent, item.purchase_id) == (lost.payment_intent, PURCHASE)
    assert item.subject == (None if lost.kind is PAYMENT else lost.subject)


def back(lost: Movement, movements: Movements) -> bool:
    return any(m.subject == lost.subject and m.sum.amount > 0 for m in movements)


@given(settled_purchases(), st.data(), st.integers(1, 9))
def test_another_sum_is_found(
    purchase: Purchase, data: st.DataObject, more: int
) -> None:
    movements = list(booked_of(purchase))
    at = data.draw(st.integers(0, len(movements) - 1))
    honest = movements[at]
    assume(honest.payment_intent == INTENT)
    wrong = replace(honest.sum, amount=honest.sum.amount + more)
    movements[at] = replace(honest, sum=wrong)

    ledger = ledger_of(movements, known_to(purchase))

    (item,) = ledger.items
    assert item.mismatch is Mismatch.ANOTHER_SUM
    assert (item.ours, item.stripes) == (honest.sum, wrong)
    assert [line.difference for line in ledger.lines] == [more]


def test_another_currency_is_a_difference_in_both() -> None:
    ledger = ledger_of(
        [a_movement(currency="eur")], known_to(a_purchase(Status.COMPLETED))
    )

    assert [item.mismatch for item in ledger.items] == [Mismatch.ANOTHER_SUM]
    assert ledger.lines == (
        LedgerLine(currency="eur", ours=0, stripes=8_000),
        LedgerLine(currency="usd", ours=8_000, stripes=0),
    )


def test_what_moved_twice_is_ours_once() -> None:
    twice = [a_movement(), a_movement()]

    ledger = ledger_of(twice, known_to(a_purchase(Status.COMPLETED)))

    assert [item.mismatch for item in ledger.items] == [Mismatch.UNKNOWN_TO_US]
    assert [line.difference for line in ledger.lines] == [8_000]


def test_two_mistakes_that_cancel_out_are_two_mistakes() -> None:
    unknown = a_movement(payment_intent="pi_unknown")

    ledger = ledger_of([unknown], known_to(a_purchase(Status.COMPLETED)))

    assert [line.difference for line in ledger.lines] == [0]
    assert not ledger.is_equal
    assert len(ledger.items) == 2


def test_a_payment_that_failed_after_all_is_never_expected() -> None:
    taken = a_movement(MovementKind.PAYMENT_FAILURE, -8_000)

    ledger = ledger_of([a_movement(), taken], known_to(a_purchase(Status.COMPLETED)))

    assert [item.kind for item in ledger.items] == [MovementKind.PAYMENT_FAILURE]


# --- What may have moved, and what must have ------------------------------------


@pytest.mark.parametrize(
    ("state", "given", "taken_back", "must"),
    [
        (SENT, -500, None, {}),
        (DONE, -500, None, {"refund re_1": -500}),
        (FAILED, -500, 500, {}),
        (REFUSED, -500, 500, {}),
    ],
)
def test_a_refund_moves_as_its_row_says(
    state: RefundState, given: int, taken_back: int | None, must: dict[str, int]
) -> None:
    record = own(refunds=(a_refund(amount=500, stripe_id="re_1", state=state),))

    assert expected(record, REFUND, "re_1") == given
    assert expected(record, REFUND_FAILURE, "re_1") == taken_back
    assert expected(record, REFUND, "re_2") is None
    assert missing(record) == must


@pytest.mark.parametrize("state", [FAILED, REFUSED])
def test_a_refund_that_failed_was_taken_back_if_it_was_ever_given(
    state: RefundState,
) -> None:
    record = own(refunds=(a_refund(stripe_id="re_1", state=state),))

    assert missing(record) == {}
    assert missing(record, (REFUND, "re_1")) == {"refund_failure re_1": 8_000}
    both = (REFUND, "re_1"), (REFUND_FAILURE, "re_1")
    assert missing(record, *both) == {}


@pytest.mark.parametrize("state", list(RefundState))
def test_a_refund_that_stripe_never_had_claims_nothing(state: RefundState) -> None:
    assert own(refunds=(a_refund(state=state),)).refunds == ()


@pytest.mark.parametrize(
    ("state", "taken", "returned", "must"),
    [
        (DisputeState.WARNING_NEEDS_RESPONSE, -8_000, None, {}),
        (DisputeState.WARNING_CLOSED, -8_000, 8_000, {}),
        (DisputeState.NEEDS_RESPONSE, -8_000, None, {}),
        (DisputeState.UNDER_REVIEW, -8_000, None, {}),
        (DisputeState.PREVENTED, -8_000, 8_000, {}),
        (DisputeState.LOST, -8_000, None, {"dispute dp_1": -8_000}),
        (DisputeState.WON, -8_000, 8_000, {}),
    ],
)
def test_a_dispute_moves_as_its_state_says(
    state: DisputeState, taken: int, returned: int | None, must: dict[str, int]
) -> None:
    record = own(dispute=a_dispute_report(state).dispute)

    assert expected(record, DISPUTE, "dp_1") == taken
    assert expected(record, REVERSAL, "dp_1") == returned
    assert expected(record, DISPUTE, "dp_2") is None
    assert missing(record) == must


def test_a_dispute_that_was_won_gives_back_what_it_took() -> None:
    record = own(dispute=a_dispute_report(DisputeState.WON).dispute)

    assert missing(record, (DISPUTE, "dp_1")) == {"dispute_reversal dp_1": 8_000}


def test_who_knows_of_no_dispute_expects_none() -> None:
    assert expected(own(), DISPUTE, "dp_1") is None


def test_whatever_goes_back_of_an_extra_payment_goes_rightly() -> None:
    purchase = a_purchase(Status.CLOSED, extra_payments=(an_extra_payment(),))
    (record,) = records_of(purchase)

    assert record.is_owed_back
    assert expected(record, REFUND, "re_by_somebody") == -1
    assert expected(record, REFUND_FAILURE, "re_by_somebody") == -1


def test_an_extra_payment_that_is_done_with_was_given_back() -> None:
    extra = an_extra_payment(state=ExtraPaymentState.DONE, stripe_id="re_1")
    (record,) = records_of(a_purchase(Status.CLOSED, extra_payments=(extra,)))

    lost = dict(record.missing({(PAYMENT, record.payment_intent)}))

    assert lost == {(REFUND, "re_1"): Sum(amount=-8_000, currency="usd")}
    assert expected(record, REFUND_FAILURE, "re_1") is None


def test_what_has_no_payment_claims_nothing() -> None:
    extra = an_extra_payment(payment_intent=None)
    free = a_purchase(Status.COMPLETED, is_free=True, extra_payments=(extra,))

    assert list(records_of(free)) == []


# --- Bounds ---------------------------------------------------------------------


def test_no_more_than_a_hundred_are_named_and_the_rest_is_counted() -> None:
    unknown = [a_movement(payment_intent=f"pi_{n}") for n in range(ITEMS_MAX + 3)]

    ledger = ledger_of(unknown, {})

    assert (len(ledger.items), ledger.items_unnamed) == (ITEMS_MAX, 3)
    assert ledger.lines[0].difference == 8_000 * (ITEMS_MAX + 3)


def test_what_is_not_remembered_is_looked_up_and_never_missed() -> None:
    tally = DayTally(DAY)
    for n in range(TRACES_MAX):
        tally.book(a_movement(payment_intent=f"pi_of_{n}"), None)
    record = own()
    tally.book(a_movement(), record)

    assert tally.lacks(record)
    tally.miss(record, moved={(PAYMENT, INTENT)})
    assert all(i.mismatch is Mismatch.UNKNOWN_TO_US for i in tally.result().items)


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=9))])))
def test_a_day_has_all_its_moments_and_no_other(moment: datetime) -> None:
    assume(datetime(1, 1, 3, tzinfo=UTC) < moment < datetime(9999, 12, 30, tzinfo=UTC))
    day = day_of(moment)

    assert beginning_of(day) <= moment < end_of(day)
    assert day_of(end_of(day)) == day + timedelta(days=1)
