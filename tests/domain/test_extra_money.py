from dataclasses import replace
from datetime import timedelta
from itertools import pairwise, permutations
from typing import Any

import pytest

from domain.disputes import DisputeState
from domain.extra_money import (
    is_extra,
    learn_dispute,
    learn_extra_refund,
    learn_listing,
    refuse_try,
    with_extra,
)
from domain.purchase import Purchase, Status
from domain.refunding import RefundReport, RefundStatus
from domain.refunds import (
    EXTRA_TRIES_MAX,
    ExtraPayment,
    ExtraPaymentState,
    RefundState,
)
from entrypoints.simulation.outside.clock import NOON
from tests.examples import (
    a_dispute_report,
    a_purchase,
    a_refund,
    a_refund_report,
    an_extra_payment,
)

LATE = "pi_cs_late"
OURS: dict[str, Any] = {"payment_intent": LATE, "row_id": "cs_late:0"}
LOST, WON = DisputeState.LOST, DisputeState.WON


def closed(**row: Any) -> Purchase:
    return a_purchase(
        Status.CLOSED,
        extra_payments=(an_extra_payment("cs_other"), an_extra_payment(**row)),
    )


def learnt(purchase: Purchase, *words: str, **report: Any) -> Purchase:
    for word in words:
        told = a_refund_report(status=RefundStatus(word), **OURS | report)
        purchase = learn_extra_refund(purchase, told)
    return purchase


def late(purchase: Purchase) -> ExtraPayment:
    """Return the row, having seen that nothing else moved."""
    other, row = purchase.extra_payments
    assert other == an_extra_payment("cs_other")
    assert (purchase.status, purchase.refunds) == (Status.CLOSED, ())
    return row


def test_an_extra_payment_is_known_by_its_intent() -> None:
    assert is_extra(closed(), LATE)
    assert not is_extra(closed(), "pi_1")


@pytest.mark.parametrize(
    ("words", "state", "tries", "stripe_id"),
    [
        (["pending"], "sent", 0, "re_1"),
        (["requires_action"], "sent", 0, "re_1"),
        (["succeeded"], "done", 0, "re_1"),
        (["pending", "succeeded"], "done", 0, "re_1"),
        (["succeeded", "pending"], "done", 0, "re_1"),
        (["failed"], "due", 1, None),
        (["canceled"], "due", 1, None),
        (["pending", "failed"], "due", 1, None),
        (["succeeded", "failed"], "due", 1, None),
        (["failed", "succeeded"], "due", 1, None),
        (["failed", "pending"], "due", 1, None),
        (["failed", "failed"], "due", 1, None),
        (["succeeded", "failed", "succeeded", "failed"], "due", 1, None),
    ],
)
def test_a_word_moves_the_row_of_its_payment(
    words: list[str], state: str, tries: int, stripe_id: str | None
) -> None:
    row = late(learnt(closed(), *words))

    assert (row.state.value, row.tries, row.stripe_id) == (state, tries, stripe_id)


def test_the_next_try_goes_by_another_name() -> None:
    again = learnt(closed(), "failed")
    assert late(again).row_id == "cs_late:1"

    done = learnt(again, "succeeded", refund_id="re_2", row_id="cs_late:1")

    assert (late(done).state.value, late(done).stripe_id) == ("done", "re_2")


def test_a_refund_from_outside_settles_it() -> None:
    row = late(learnt(closed(), "succeeded", row_id=None))

    assert (row.state.value, row.stripe_id) == ("done", "re_1")


def test_a_part_from_outside_does_not() -> None:
    assert late(learnt(closed(), "succeeded", row_id=None, amount=7_999)) == (
        an_extra_payment()
    )


def test_an_old_success_does_not_rename_what_gave_it_back() -> None:
    done = learnt(closed(), "succeeded")

    after = learnt(done, "succeeded", refund_id="re_out", row_id=None)

    assert after == done
    failed = late(learnt(after, "failed", refund_id="re_out", row_id=None))
    assert (failed.state.value, failed.failed) == ("due", ("re_out",))


def test_who_gave_it_back_is_another_once_the_first_has_failed() -> None:
    done = learnt(closed(), "succeeded")
    told = learnt(done, "succeeded", refund_id="re_out", row_id=None)

    failed = learnt(told, "failed")

    assert late(failed).state is ExtraPaymentState.DUE
    found = late(learnt(failed, "succeeded", refund_id="re_out", row_id=None))
    assert (found.state.value, found.stripe_id) == ("done", "re_out")


def test_a_failure_from_outside_costs_no_try() -> None:
    row = late(learnt(closed(), "failed", row_id=None))

    assert (row.state.value, row.tries) == ("due", 0)
    assert late(learnt(closed(), "failed", "succeeded", row_id=None)) == row


def test_a_failed_try_from_before_costs_no_second_try() -> None:
    sent = learnt(closed(tries=3), "pending", refund_id="re_4", row_id="cs_late:3")

    row = late(learnt(sent, "failed", refund_id="re_2", row_id="cs_late:2"))

    assert (row.state.value, row.tries, row.stripe_id) == ("sent", 3, "re_4")


def test_a_part_that_fails_after_all_was_done_is_owed_again() -> None:
    done = learnt(closed(), "succeeded")
    assert late(done).state is ExtraPaymentState.DONE

    after = learnt(done, "failed", id="re_out", row_id=None, amount=5_000)

    assert late(after).state is ExtraPaymentState.DUE
    assert late(after).row_id == "cs_late:1"
    assert learnt(after, "failed", id="re_out", row_id=None, amount=5_000) == after


def test_only_a_listing_says_whether_a_rest_was_all() -> None:
    rest = a_refund_report(id="re_rest", **OURS, amount=3_000)
    part = a_refund_report(id="re_out", payment_intent=LATE, amount=5_000)
    back = replace(part, status=RefundStatus.FAILED)
    sent = learn_extra_refund(closed(), rest)
    assert late(sent).state is ExtraPaymentState.SENT

    def listed(*reports: RefundReport) -> ExtraPayment:
        return late(with_extra(sent, LATE, lambda row: learn_listing(row, reports)))

    assert listed(part, rest).state is ExtraPaymentState.DONE
    missed = listed(back, rest)
    assert (missed.state, missed.tries) == (ExtraPaymentState.DUE, 1)


def test_parts_that_are_under_way_are_waited_for() -> None:
    part = a_refund_report(id="re_out", payment_intent=LATE, amount=5_000)
    slow = replace(part, id="re_slow", amount=3_000, status=RefundStatus.PENDING)

    def listed(purchase: Purchase, *reports: RefundReport) -> Purchase:
        return with_extra(purchase, LATE, lambda row: learn_listing(row, reports))

    waiting = listed(closed(), part, slow)
    assert (late(waiting).state, late(waiting).tries) == (ExtraPaymentState.SENT, 0)
    arrived = listed(waiting, part, replace(slow, status=RefundStatus.SUCCEEDED))
    assert late(arrived).state is ExtraPaymentState.DONE
    failed = listed(waiting, part, replace(slow, status=RefundStatus.FAILED))
    assert (late(failed).state, late(failed).tries) == (ExtraPaymentState.DUE, 1)


@pytest.mark.parametrize("word", ["succeeded", "pending"])
@pytest.mark.parametrize("row_id", [None, "cs_late:0"])
@pytest.mark.parametrize("others", [0, 3_000])
def test_a_list_from_before_a_failure_settles_nothing(
    word: str, row_id: str | None, others: int
) -> None:
    told: dict[str, Any] = {"row_id": row_id, "amount": 8_000 - others}
    failed = learnt(closed(), "failed", **told)
    old = a_refund_report(status=RefundStatus(word), payment_intent=LATE, **told)
    part = a_refund_report(id="re_part", payment_intent=LATE, amount=others)
    reports = [part, old] if others else [old]

    after = with_extra(failed, LATE, lambda row: learn_listing(row, reports))

    assert after == failed


def test_what_fails_while_a_bank_decides_is_left_to_the_bank() -> None:
    done = learnt(closed(), "succeeded")
    disputed = learn_dispute(done, a_dispute_report(payment_intent=LATE))

    failed = learnt(disputed, "failed")

    assert late(failed).state is ExtraPaymentState.DISPUTED
    won = learn_dispute(failed, a_dispute_report(WON, payment_intent=LATE))
    assert late(won).state is ExtraPaymentState.DUE


def refused(purchase: Purchase, row_id: str) -> Purchase:
    return with_extra(purchase, LATE, lambda row: refuse_try(row, row_id))


def test_a_refused_try_makes_the_next_one_due() -> None:
    row = late(refused(closed(), "cs_late:0"))

    assert (row.state.value, row.tries) == ("due", 1)
    again = refused(refused(closed(), "cs_late:0"), "cs_late:0")
    assert late(again) == row


def test_a_refusal_of_what_is_under_way_is_old() -> None:
    sent = learnt(closed(), "pending")

    assert refused(sent, "cs_late:0") == sent


def test_the_last_try_leaves_it_to_a_human() -> None:
    tries = EXTRA_TRIES_MAX - 1

    row = late(refused(closed(tries=tries), f"cs_late:{tries}"))

    assert (row.state.value, row.tries) == ("failed", EXTRA_TRIES_MAX)
    gone = learnt(closed(tries=tries), "failed", row_id=f"cs_late:{tries}")
    assert late(gone).state is ExtraPaymentState.FAILED
    by_hand = learnt(gone, "succeeded", refund_id="re_9", row_id=None)
    assert late(by_hand).state is ExtraPaymentState.DONE


def dispute(purchase: Purchase, *states: DisputeState) -> Purchase:
    for state in states:
        told = a_dispute_report(state, payment_intent=LATE)
        purchase = learn_dispute(purchase, told)
    return purchase


def test_a_disputed_extra_payment_is_left_to_the_bank() -> None:
    disputed = dispute(closed(), DisputeState.NEEDS_RESPONSE)

    assert late(disputed).state is ExtraPaymentState.DISPUTED
    assert not replace_other(disputed).has_open_money
    assert disputed.dispute is None


def replace_other(purchase: Purchase) -> Purchase:
    return a_purchase(Status.CLOSED, extra_payments=purchase.extra_payments[1:])


def test_a_refund_under_way_may_fail_while_the_bank_decides() -> None:
    disputed = dispute(learnt(closed(), "pending"), DisputeState.NEEDS_RESPONSE)

    row = late(learnt(disputed, "failed"))

    assert (row.state.value, row.tries) == ("disputed", 1)
    assert late(dispute(learnt(disputed, "failed"), WON)).state.value == "due"


@pytest.mark.parametrize(
    "order", list(permutations([DisputeState.NEEDS_RESPONSE, WON]))
)
def test_what_the_bank_leaves_with_us_is_owed_again(
    order: tuple[DisputeState, ...],
) -> None:
    assert late(dispute(closed(), *order)).state is ExtraPaymentState.DUE
    under_way = dispute(learnt(closed(), "pending"), *order)
    assert late(under_way).state is ExtraPaymentState.SENT


@pytest.mark.parametrize(
    "order", list(permutations([DisputeState.NEEDS_RESPONSE, LOST]))
)
def test_what_the_bank_took_is_not_owed(order: tuple[DisputeState, ...]) -> None:
    assert late(dispute(closed(), *order)).state is ExtraPaymentState.DISPUTED


def test_a_refund_that_was_done_stays_done() -> None:
    assert late(dispute(learnt(closed(), "succeeded"), LOST)).state.value == "done"
    assert late(learnt(dispute(closed(), LOST), "succeeded")).state.value == "done"


# --- Disputes of the purchase's own payment -----------------------------------


def test_a_dispute_is_flagged_and_access_is_kept() -> None:
    purchase = a_purchase(Status.COMPLETED)

    disputed = learn_dispute(purchase, a_dispute_report())

    assert disputed.dispute == a_dispute_report().dispute
    assert (disputed.status, disputed.refunds) == (Status.COMPLETED, ())


@pytest.mark.parametrize("amount", [8_000, 8_001])
@pytest.mark.parametrize("status", [Status.COMPLETED, Status.REFUNDING])
def test_lost_for_all_of_it_the_purchase_is_over(status: Status, amount: int) -> None:
    lost = learn_dispute(a_purchase(status), a_dispute_report(LOST, amount=amount))

    assert lost.status is Status.REFUNDED


def test_lost_in_part_the_buyer_keeps_access() -> None:
    lost = learn_dispute(
        a_purchase(Status.COMPLETED), a_dispute_report(LOST, amount=7_999)
    )

    assert lost.status is Status.COMPLETED
    assert lost.forbids_refunds


@pytest.mark.parametrize("status", [Status.CLOSED, Status.PENDING, Status.REFUNDED])
def test_a_lost_dispute_moves_nothing_else(status: Status) -> None:
    lost = learn_dispute(a_purchase(status), a_dispute_report(LOST))

    assert lost.status is status


def test_a_refund_that_waited_for_a_lost_dispute_is_not_sent() -> None:
    waiting = a_purchase(Status.REFUNDING, refunds=(a_refund(),))

    in_part = learn_dispute(waiting, a_dispute_report(LOST, amount=1))
    in_full = learn_dispute(waiting, a_dispute_report(LOST))

    assert in_part.refunds[0].state is RefundState.REFUSED
    assert in_full.refunds[0].state is RefundState.REFUSED
    assert in_part.status is Status.COMPLETED
    assert in_full.status is Status.REFUNDED


def test_a_refund_under_way_is_for_the_provider_to_end() -> None:
    sent = a_refund(state=RefundState.SENT)
    waiting = a_purchase(Status.REFUNDING, refunds=(sent,))

    assert learn_dispute(waiting, a_dispute_report(LOST, amount=1)).refunds == (sent,)


@pytest.mark.parametrize("state", [WON, LOST, DisputeState.WARNING_CLOSED])
def test_an_older_state_changes_nothing(state: DisputeState) -> None:
    over = learn_dispute(a_purchase(Status.COMPLETED), a_dispute_report(state))

    assert learn_dispute(over, a_dispute_report()) == over


@pytest.mark.parametrize(
    ("early", "late"),
    list(
        pairwise(
            (
                DisputeState.WARNING_NEEDS_RESPONSE,
                DisputeState.WARNING_UNDER_REVIEW,
                DisputeState.NEEDS_RESPONSE,
                DisputeState.UNDER_REVIEW,
                DisputeState.WON,
            )
        )
    ),
)
def test_of_two_words_on_one_dispute_the_one_further_on_counts(
    early: DisputeState, late: DisputeState
) -> None:
    purchase = a_purchase(Status.COMPLETED)

    for words in ((early, late), (late, early), (late, early, late, early)):
        told = purchase
        for state in words:
            told = learn_dispute(told, a_dispute_report(state))
        assert told.dispute is not None
        assert told.dispute.state is late


def test_a_later_dispute_replaces_an_earlier_one() -> None:
    won = learn_dispute(a_purchase(Status.COMPLETED), a_dispute_report(WON))
    later = a_dispute_report(id="dp_2", opened_at=NOON + timedelta(days=1))

    second = learn_dispute(won, later)

    assert second.dispute == later.dispute
    assert learn_dispute(second, a_dispute_report(LOST)) == second
