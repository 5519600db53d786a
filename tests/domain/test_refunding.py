from datetime import timedelta
from typing import Any

import pytest

from domain.disputes import DisputeState
from domain.extra_money import learn_dispute
from domain.purchase import Purchase, Status
from domain.refunding import (
    NotRefundable,
    RefundStatus,
    RefundTooLarge,
    RefundUnderWay,
    RefundWindowClosed,
    ask_refund,
    check_refundable,
    check_window,
    knows_refund,
    learn_refund,
    refund_deadline,
    refuse_refund,
    renew_refund,
    rest_to_refund,
)
from domain.refunds import REFUNDS_MAX, RefundState
from entrypoints.simulation.outside.clock import NOON
from tests.examples import (
    a_dispute_report,
    a_purchase,
    a_refund,
    a_refund_report,
    usd,
)

MONTH = timedelta(days=30)
SECOND = timedelta(seconds=1)
DONE, FAILED = RefundState.DONE, RefundState.FAILED
OURS: dict[str, Any] = {"row_id": "rf_1"}


def owned(**changes: Any) -> Purchase:
    return a_purchase(Status.COMPLETED, **changes)


def asked(amount: int | None = None, *, row_id: str = "rf_1") -> Purchase:
    return ask(owned(), amount, row_id=row_id)


def ask(
    purchase: Purchase, amount: int | None = None, *, row_id: str = "rf_1"
) -> Purchase:
    return ask_refund(purchase, row_id=row_id, amount=amount, reason="r", by="buyer")


def states(purchase: Purchase) -> list[str]:
    return [row.state.value for row in purchase.refunds]


# --- Asking -------------------------------------------------------------------


def test_all_of_it_asked_makes_the_purchase_refunding() -> None:
    purchase = asked()

    (row,) = purchase.refunds
    assert (row.id, row.amount, row.state) == ("rf_1", usd(8_000), RefundState.DUE)
    assert (row.reason, row.by, row.stripe_id) == ("r", "buyer", None)
    assert purchase.status is Status.REFUNDING


def test_a_part_asked_leaves_it_completed() -> None:
    assert asked(7_999).status is Status.COMPLETED


def test_the_last_part_asked_makes_it_refunding() -> None:
    half = learn_refund(asked(3_000), a_refund_report(amount=3_000, **OURS))

    rest = ask(half, row_id="rf_2")

    assert rest.refunds[1].amount == usd(5_000)
    assert rest.status is Status.REFUNDING


@pytest.mark.parametrize("amount", [-1, 0, 8_001])
def test_no_more_than_was_paid_and_no_less_than_something(amount: int) -> None:
    with pytest.raises(RefundTooLarge) as refusal:
        asked(amount)

    assert refusal.value.rest == 8_000


def test_what_the_dashboard_gave_back_counts() -> None:
    purchase = learn_refund(owned(), a_refund_report(amount=3_000))

    with pytest.raises(RefundTooLarge) as refusal:
        ask(purchase, 5_001)
    assert refusal.value.rest == 5_000


@pytest.mark.parametrize("state", ["due", "sent"])
def test_one_refund_at_a_time(state: str) -> None:
    purchase = owned(refunds=(a_refund(amount=1, state=RefundState(state)),))

    with pytest.raises(RefundUnderWay):
        ask(purchase, row_id="rf_2")


@pytest.mark.parametrize("state", ["done", "failed", "refused"])
def test_a_refund_that_is_over_is_not_in_the_way(state: str) -> None:
    purchase = owned(refunds=(a_refund(amount=1, state=RefundState(state)),))

    check_refundable(purchase)


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.COMPLETED}))
def test_only_a_completed_purchase_can_be_refunded(status: Status) -> None:
    with pytest.raises(NotRefundable) as refusal:
        check_refundable(a_purchase(status))

    assert refusal.value.why == "not_completed"


@pytest.mark.parametrize("state", list(DisputeState))
def test_a_disputed_payment_is_not_refunded(state: DisputeState) -> None:
    purchase = owned(dispute=a_dispute_report(state).dispute)
    over = {"won", "warning_closed", "prevented"}

    if state.value in over:
        check_refundable(purchase)
    else:
        with pytest.raises(NotRefundable) as refusal:
            check_refundable(purchase)
        assert refusal.value.why == "disputed"


def test_the_parts_are_counted() -> None:
    rows = tuple(a_refund(f"rf_{n}", 1, state=FAILED) for n in range(REFUNDS_MAX))

    check_refundable(owned(refunds=rows[1:]))
    with pytest.raises(NotRefundable) as refusal:
        check_refundable(owned(refunds=rows))
    assert refusal.value.why == "too_many"


def test_what_cost_nothing_has_nothing_to_refund() -> None:
    with pytest.raises(NotRefundable) as refusal:
        ask(a_purchase(Status.COMPLETED, is_free=True))

    assert refusal.value.why == "nothing_paid"


# --- The window ---------------------------------------------------------------


def test_the_window_ends_at_its_deadline() -> None:
    assert refund_deadline(owned(), window=MONTH) == NOON + MONTH
    check_window(owned(), at=NOON + MONTH - SECOND, window=MONTH)
    with pytest.raises(RefundWindowClosed) as refusal:
        check_window(owned(), at=NOON + MONTH, window=MONTH)
    assert refusal.value.deadline == NOON + MONTH


def test_what_was_never_completed_has_no_window() -> None:
    assert refund_deadline(a_purchase(), window=MONTH) is None
    with pytest.raises(NotRefundable):
        check_window(a_purchase(), at=NOON, window=MONTH)


# --- The provider's word ------------------------------------------------------

# Our full refund, after which word: its row, the purchase.
WORDS = [
    ("pending", "sent", "refunding"),
    ("requires_action", "sent", "refunding"),
    ("succeeded", "done", "refunded"),
    ("failed", "failed", "completed"),
    ("canceled", "failed", "completed"),
]


@pytest.mark.parametrize(("word", "row", "status"), WORDS)
def test_a_word_moves_the_row_and_the_status_together(
    word: str, row: str, status: str
) -> None:
    purchase = learn_refund(asked(), a_refund_report(status=RefundStatus(word), **OURS))

    assert states(purchase) == [row]
    assert purchase.status.value == status
    assert purchase.refunds[0].stripe_id == "re_1"


@pytest.mark.parametrize(("word", "_row", "_status"), WORDS)
def test_a_word_told_twice_is_told_once(word: str, _row: str, _status: str) -> None:
    report = a_refund_report(status=RefundStatus(word), **OURS)
    once = learn_refund(asked(), report)

    assert learn_refund(once, report) == once


@pytest.mark.parametrize("word", list(RefundStatus))
def test_after_failed_no_older_word_changes_anything(word: RefundStatus) -> None:
    failed = learn_refund(asked(), a_refund_report(status=RefundStatus.FAILED, **OURS))

    assert learn_refund(failed, a_refund_report(status=word, **OURS)) == failed


@pytest.mark.parametrize("word", ["pending", "requires_action", "succeeded"])
def test_after_done_no_older_word_changes_anything(word: str) -> None:
    done = learn_refund(asked(), a_refund_report(**OURS))

    assert learn_refund(done, a_refund_report(status=RefundStatus(word), **OURS)) == (
        done
    )


def test_a_partial_refund_leaves_the_purchase_completed() -> None:
    purchase = learn_refund(asked(7_999), a_refund_report(amount=7_999, **OURS))

    assert (states(purchase), purchase.status) == (["done"], Status.COMPLETED)
    assert rest_to_refund(purchase) == 1


def test_a_part_that_was_given_back_stays_when_the_rest_fails() -> None:
    half = learn_refund(asked(3_000), a_refund_report(amount=3_000, **OURS))
    word = a_refund_report("re_2", RefundStatus.FAILED, amount=5_000, row_id="rf_2")

    purchase = learn_refund(ask(half, row_id="rf_2"), word)

    assert (states(purchase), purchase.status) == (
        ["done", "failed"],
        Status.COMPLETED,
    )
    assert purchase.last_refund_failed


def test_a_full_refund_from_outside_ends_the_purchase() -> None:
    purchase = learn_refund(owned(), a_refund_report())

    (row,) = purchase.refunds
    assert (row.id, row.stripe_id, row.by) == ("re_1", "re_1", "dashboard")
    assert (row.state, purchase.status) == (DONE, Status.REFUNDED)


def test_a_pending_refund_from_outside_leaves_access() -> None:
    pending = learn_refund(owned(), a_refund_report(status=RefundStatus.PENDING))

    assert (states(pending), pending.status) == (["sent"], Status.COMPLETED)
    assert learn_refund(pending, a_refund_report()).status is Status.REFUNDED


def test_parts_from_outside_add_up() -> None:
    purchase = learn_refund(owned(), a_refund_report(amount=3_000))
    assert purchase.status is Status.COMPLETED

    purchase = learn_refund(purchase, a_refund_report("re_2", amount=5_000))

    assert (states(purchase), purchase.status) == (["done", "done"], Status.REFUNDED)


def test_a_refund_from_outside_overtakes_ours() -> None:
    purchase = learn_refund(asked(), a_refund_report("re_9"))
    assert purchase.status is Status.REFUNDED

    purchase = refuse_refund(purchase, "rf_1")

    assert (states(purchase), purchase.status) == (
        ["refused", "done"],
        Status.REFUNDED,
    )


def test_a_second_refund_of_one_row_is_a_row_of_its_own() -> None:
    """Somebody copied our metadata, or a key was forgotten: the money still counts."""
    first = learn_refund(asked(3_000), a_refund_report(amount=3_000, **OURS))

    second = learn_refund(first, a_refund_report("re_2", amount=5_000, **OURS))

    assert [row.id for row in second.refunds] == ["rf_1", "re_2"]
    assert second.status is Status.REFUNDED


def test_a_word_on_a_purchase_that_was_not_paid_changes_nothing() -> None:
    closed = a_purchase(Status.CLOSED)

    assert learn_refund(closed, a_refund_report()) == closed


def test_where_there_is_no_room_a_refund_from_outside_is_not_known() -> None:
    rows = tuple(a_refund(f"rf_{n}", 1, state=FAILED) for n in range(REFUNDS_MAX))
    full = owned(refunds=rows)

    assert learn_refund(full, a_refund_report()) == full
    assert not knows_refund(full, a_refund_report())
    assert knows_refund(full, a_refund_report(row_id="rf_3"))


def test_a_late_word_brings_the_id_that_was_not_known() -> None:
    due = owned(refunds=(a_refund(state=RefundState.SENT),))

    sent = learn_refund(due, a_refund_report(status=RefundStatus.PENDING, **OURS))

    assert sent.refunds[0].stripe_id == "re_1"


# --- Refused ------------------------------------------------------------------


def test_a_refused_refund_gives_the_buyer_back_what_they_had() -> None:
    purchase = refuse_refund(asked(), "rf_1")

    assert (states(purchase), purchase.status) == (["refused"], Status.COMPLETED)
    assert purchase.last_refund_failed
    check_refundable(purchase)


@pytest.mark.parametrize("state", ["done", "failed", "refused"])
def test_what_is_over_cannot_be_refused(state: str) -> None:
    purchase = owned(refunds=(a_refund(amount=1, state=RefundState(state)),))

    assert refuse_refund(purchase, "rf_1") == purchase


def test_only_the_row_that_was_refused_moves() -> None:
    purchase = owned(
        refunds=(a_refund("rf_0", 10), a_refund("rf_1", 10), a_refund("rf_2", 10))
    )

    assert states(refuse_refund(purchase, "rf_1")) == ["due", "refused", "due"]


def test_a_refused_refund_may_yet_turn_out_to_have_been_made() -> None:
    refused = refuse_refund(asked(), "rf_1")

    purchase = learn_refund(refused, a_refund_report(**OURS))

    assert (states(purchase), purchase.status) == (["done"], Status.REFUNDED)


# --- Failed after success -----------------------------------------------------


def came_back() -> Purchase:
    """Return a refunded purchase whose refund failed after it had succeeded."""
    done = learn_refund(asked(), a_refund_report(**OURS))
    return learn_refund(done, a_refund_report(status=RefundStatus.FAILED, **OURS))


def test_what_came_back_is_owed_again() -> None:
    purchase = renew_refund(came_back(), row_id="rf_2")

    assert [(row.id, row.state.value) for row in purchase.refunds] == [
        ("rf_1", "failed"),
        ("rf_2", "due"),
    ]
    assert purchase.refunds[1].amount == usd(8_000)
    assert purchase.status is Status.REFUNDED
    assert purchase.has_open_money


def test_it_is_owed_once() -> None:
    purchase = renew_refund(came_back(), row_id="rf_2")

    assert renew_refund(purchase, row_id="rf_3") == purchase


def test_only_what_came_back_is_owed_again() -> None:
    half = learn_refund(asked(3_000), a_refund_report(amount=3_000, **OURS))
    both = learn_refund(half, a_refund_report("re_2", amount=5_000))
    failed = learn_refund(both, a_refund_report("re_2", RefundStatus.FAILED))

    purchase = renew_refund(failed, row_id="rf_2")

    assert purchase.refunds[-1].amount == usd(5_000)


def test_a_buyer_with_access_is_owed_nothing() -> None:
    failed = learn_refund(asked(), a_refund_report(status=RefundStatus.FAILED, **OURS))

    assert renew_refund(failed, row_id="rf_2") == failed


def test_what_the_bank_may_take_is_not_owed() -> None:
    disputed = learn_dispute(came_back(), a_dispute_report())

    assert renew_refund(disputed, row_id="rf_2") == disputed


def test_what_the_bank_left_with_us_is_owed() -> None:
    won = learn_dispute(came_back(), a_dispute_report(DisputeState.WON))

    assert renew_refund(won, row_id="rf_2").refunds[-1].state is RefundState.DUE


def test_nothing_is_owed_where_there_is_no_room() -> None:
    rows = tuple(a_refund(f"rf_{n}", 1, state=FAILED) for n in range(REFUNDS_MAX))
    full = a_purchase(Status.REFUNDED, refunds=rows)

    assert renew_refund(full, row_id="rf_99") == full
