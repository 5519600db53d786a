"""Whatever is asked and told, in whatever order, the books stay right."""

from collections.abc import Callable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from domain.disputes import DisputeState
from domain.errors import DomainError
from domain.extra_money import (
    learn_dispute,
    learn_extra_refund,
    learn_listing,
    learn_word,
)
from domain.purchase import NEXT, Purchase, Status
from domain.refunding import (
    RefundReport,
    RefundStatus,
    ask_refund,
    learn_refund,
    refuse_refund,
    renew_refund,
)
from domain.refunds import (
    EXTRA_TRIES_MAX,
    FAILED_IDS_MAX,
    REFUND_NEXT,
    REFUNDS_MAX,
    ExtraPaymentState,
    RefundState,
)
from tests.examples import (
    a_dispute_report,
    a_purchase,
    a_refund_report,
    an_extra_payment,
)

PAID = 8_000
Step = Callable[[Purchase], Purchase]
amounts = st.sampled_from([1, 3_000, 5_000, PAID])
row_ids = st.sampled_from(["rf_1", "rf_2", "rf_3"])
words = st.sampled_from(RefundStatus)


def asking(row_id: str, amount: int | None) -> Step:
    def step(purchase: Purchase) -> Purchase:
        if any(row.id == row_id for row in purchase.refunds):
            return purchase
        try:
            return ask_refund(
                purchase, row_id=row_id, amount=amount, reason="r", by="buyer"
            )
        except DomainError:
            return purchase

    return step


def telling(report: RefundReport) -> Step:
    def step(purchase: Purchase) -> Purchase:
        after = learn_refund(purchase, report)
        renewed = f"again_{len(after.refunds)}"
        return renew_refund(after, row_id=renewed) if after != purchase else after

    return step


steps = st.one_of(
    st.builds(asking, row_ids, st.none() | amounts),
    st.builds(
        lambda row_id, word, amount: telling(
            a_refund_report(f"re_of_{row_id}", word, amount=amount, row_id=row_id)
        ),
        row_ids,
        words,
        amounts,
    ),
    st.builds(
        lambda id_, word, amount: telling(a_refund_report(id_, word, amount=amount)),
        st.sampled_from(["re_a", "re_b"]),
        words,
        amounts,
    ),
    st.builds(lambda row_id: lambda p: refuse_refund(p, row_id), row_ids),
    st.builds(
        lambda state, amount: (
            lambda p: learn_dispute(p, a_dispute_report(state, amount=amount))
        ),
        st.sampled_from(DisputeState),
        amounts,
    ),
)


def check_step(before: Purchase, after: Purchase) -> None:
    """Hold one step against protocol 3.2 and invariants I6 and I7."""
    assert after.status == before.status or after.status in NEXT[before.status]
    assert len(before.refunds) <= len(after.refunds) <= REFUNDS_MAX
    for old, new in zip(before.refunds, after.refunds, strict=False):
        is_legal = old.state == new.state or new.state in REFUND_NEXT[old.state]
        assert is_legal
        assert replace(old, state=new.state, stripe_id=new.stripe_id) == new
    for new in after.refunds[len(before.refunds) :]:
        if new.state is RefundState.DUE:
            assert after.refunded_amount <= PAID


def check_status(purchase: Purchase) -> None:
    """See that the status is what the rows and the bank say."""
    done = sum(
        row.amount.amount for row in purchase.refunds if row.state is RefundState.DONE
    )
    lost = purchase.dispute is not None and purchase.dispute.state is DisputeState.LOST
    if done >= PAID:
        assert purchase.status is Status.REFUNDED
    if purchase.status is Status.REFUNDING:
        assert purchase.refunded_amount >= PAID
        assert purchase.has_open_money
    if purchase.status is Status.REFUNDED and done < PAID:
        was_done = any(row.state is RefundState.FAILED for row in purchase.refunds)
        assert lost or was_done


@given(st.lists(steps, max_size=14))
def test_any_history_keeps_the_books(history: list[Step]) -> None:
    purchase = a_purchase(Status.COMPLETED)
    ids = set()

    for step in history:
        after = step(purchase)
        check_step(purchase, after)
        check_status(after)
        purchase = after
        ids = {row.id for row in purchase.refunds}

    assert len(ids) == len(purchase.refunds)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["re_1", "re_2", "re_3", "outside"]),
            words,
            st.sampled_from([None, "cs_late:0", "cs_late:1", "cs_late:2"]),
            st.sampled_from([1, PAID]),
        ),
        max_size=40,
    )
)
def test_any_history_of_extra_money_ends_somewhere(
    told: list[tuple[str, RefundStatus, str | None, int]],
) -> None:
    purchase = a_purchase(Status.CLOSED, extra_payments=(an_extra_payment(),))

    for id_, word, row_id, amount in told:
        (before,) = purchase.extra_payments
        purchase = learn_extra_refund(
            purchase,
            a_refund_report(
                id_, word, row_id=row_id, amount=amount, payment_intent="pi_cs_late"
            ),
        )
        (row,) = purchase.extra_payments
        assert before.tries <= row.tries <= min(before.tries + 1, EXTRA_TRIES_MAX)
        assert set(before.failed) <= set(row.failed)
        assert row.stripe_id not in row.failed or row.stripe_id is None
        assert len(row.failed) <= FAILED_IDS_MAX
        if (before.state, row.state) == (ExtraPaymentState.DONE,) * 2:
            assert row.stripe_id == before.stripe_id
        assert purchase.status is Status.CLOSED


LIVES = (
    [RefundStatus.PENDING],
    [RefundStatus.PENDING, RefundStatus.SUCCEEDED],
    [RefundStatus.PENDING, RefundStatus.FAILED],
    [RefundStatus.PENDING, RefundStatus.SUCCEEDED, RefundStatus.FAILED],
)
lives = st.builds(
    lambda id_, row_id, amount, words: [
        a_refund_report(
            id_, word, row_id=row_id, amount=amount, payment_intent="pi_cs_late"
        )
        for word in words
    ],
    st.sampled_from(["re_1", "re_2", "re_3"]),
    st.sampled_from([None, "cs_late:0", "cs_late:1"]),
    amounts,
    st.sampled_from(LIVES),
)
moments = st.integers(min_value=0, max_value=len(LIVES[-1]) - 1)


@given(
    st.lists(lives, max_size=3, unique_by=lambda life: life[0].id),
    st.lists(st.tuples(st.booleans(), st.lists(moments, min_size=3, max_size=3))),
)
def test_late_money_is_settled_by_what_is_back_and_by_nothing_else(
    refunds: list[list[RefundReport]], told: list[tuple[bool, list[int]]]
) -> None:
    row = an_extra_payment()
    ends = [life[-1] for life in refunds]

    for is_list, when in told:  # however old it is
        seen = [
            life[min(at, len(life) - 1)]
            for life, at in zip(refunds, when, strict=False)
        ]
        row = learn_listing(row, seen) if is_list else row
        for report in [] if is_list else seen:
            row = learn_word(row, report)
        assert row.stripe_id is None or row.stripe_id not in row.failed
    for report in ends:
        row = learn_word(row, report)
    row = learn_listing(row, ends)

    back = sum(e.amount for e in ends if e.status is RefundStatus.SUCCEEDED)
    assert (row.state is ExtraPaymentState.DONE) == (back >= PAID)
