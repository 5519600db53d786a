"""The buyer is told of each step of their money, once."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.disputes import DisputeState
from domain.extra_money import learn_dispute, learn_extra_refund
from domain.notices import with_notices
from domain.outbox import MailState, Notice
from domain.purchase import Purchase, Status
from domain.refunding import (
    RefundStatus,
    ask_refund,
    learn_refund,
    refuse_refund,
    renew_refund,
)
from domain.refunds import Refund, RefundState
from entrypoints.simulation.outside.clock import NOON
from tests.domain.test_money_histories import Step, steps
from tests.examples import (
    a_dispute_report,
    a_purchase,
    a_refund,
    a_refund_report,
    an_extra_payment,
    usd,
)

MOST = 35  # of ten refunds: received, failed, done after all; of five payments: one
OURS: dict[str, Any] = {"row_id": "rf_1"}
Rule = Callable[[Purchase], Purchase]


def after(purchase: Purchase, *rules: Rule) -> Purchase:
    """Apply the rules, each in a write of its own."""
    for rule in rules:
        purchase = with_notices(
            purchase, rule(purchase), at=NOON, mail_domain="mail.example"
        )
    return purchase


def owned(*rows: Refund) -> Purchase:
    return a_purchase(Status.COMPLETED, refunds=rows)


def asked(amount: int | None = None) -> Rule:
    return lambda purchase: ask_refund(
        purchase, row_id="rf_1", amount=amount, reason="r", by="buyer"
    )


def told(status: RefundStatus, **changes: Any) -> Rule:
    report = a_refund_report(status=status, **OURS | changes)
    return lambda purchase: learn_refund(purchase, report)


def told_of_extra(status: RefundStatus, tries: int = 0) -> Rule:
    report = a_refund_report(
        f"re_{tries}", status, payment_intent="pi_cs_late", row_id=f"cs_late:{tries}"
    )
    return lambda purchase: learn_extra_refund(purchase, report)


def said(purchase: Purchase) -> list[tuple[str, str]]:
    return [(notice.kind.value, notice.row_id) for notice in purchase.notices]


def test_a_refund_that_is_asked_for_is_received_and_then_done() -> None:
    received = after(owned(), asked())
    assert said(received) == [("refund_received", "rf_1")]

    done = after(received, told(RefundStatus.PENDING), told(RefundStatus.SUCCEEDED))
    assert said(done) == [("refund_received", "rf_1"), ("refund_done", "rf_1")]


def test_a_notice_is_due_at_once_under_an_id_of_its_own() -> None:
    purchase = after(owned(), asked(), told(RefundStatus.SUCCEEDED))

    assert purchase.notices == tuple(
        Notice(
            message_id=f"<refund-{what}.rf_1@mail.example>",
            until=NOON,
            kind=notice.kind,
            row_id="rf_1",
            place=place,
        )
        for place, (what, notice) in enumerate(
            zip(("received", "done"), purchase.notices, strict=True)
        )
    )
    assert {notice.state for notice in purchase.notices} == {MailState.DUE}


@pytest.mark.parametrize("status", [RefundStatus.FAILED, RefundStatus.CANCELED])
def test_a_refund_that_fails_is_told_to_who_keeps_access(status: RefundStatus) -> None:
    failed = after(owned(), asked(), told(status))

    assert failed.is_owned
    assert said(failed)[-1] == ("refund_failed", "rf_1")


def test_a_refund_that_is_refused_is_told_as_failed_once() -> None:
    def refused(purchase: Purchase) -> Purchase:
        return refuse_refund(purchase, "rf_1")

    purchase = after(
        owned(), asked(), refused, told(RefundStatus.PENDING), told(RefundStatus.FAILED)
    )

    assert said(purchase) == [("refund_received", "rf_1"), ("refund_failed", "rf_1")]


def test_a_refusal_because_it_went_back_already_is_no_failure() -> None:
    def refused_but_made(purchase: Purchase) -> Purchase:
        made = learn_refund(purchase, a_refund_report("re_other"))
        return refuse_refund(made, "rf_1")

    purchase = after(owned(), asked(), refused_but_made)

    assert said(purchase) == [("refund_received", "rf_1"), ("refund_done", "re_other")]


def test_a_refund_made_outside_is_told_as_far_as_it_came() -> None:
    for status, kind in [
        (RefundStatus.PENDING, ["refund_received"]),
        (RefundStatus.SUCCEEDED, ["refund_done"]),
        (RefundStatus.FAILED, []),
    ]:
        purchase = after(owned(), told(status, row_id=None))
        assert [name for name, _ in said(purchase)] == kind


def test_a_refund_that_comes_back_is_sent_again_and_says_so() -> None:
    def renewed(purchase: Purchase) -> Purchase:
        failed = learn_refund(
            purchase, a_refund_report(status=RefundStatus.FAILED, **OURS)
        )
        return renew_refund(failed, row_id="rf_2")

    over = after(owned(), asked(), told(RefundStatus.SUCCEEDED))
    again = after(over, renewed)

    assert again.status is Status.REFUNDED
    assert said(again)[2:] == [("refund_again", "rf_2")]


def test_a_refund_that_the_bank_overtook_is_left_to_a_human() -> None:
    def lost(purchase: Purchase) -> Purchase:
        return learn_dispute(purchase, a_dispute_report(DisputeState.LOST))

    purchase = after(owned(), asked(), lost)

    assert purchase.refunds[0].state is RefundState.REFUSED
    assert said(purchase) == [("refund_received", "rf_1")]


def test_late_money_is_told_when_it_has_gone_back_and_once() -> None:
    closed = a_purchase(Status.CLOSED, extra_payments=(an_extra_payment(),))

    sent = after(closed, told_of_extra(RefundStatus.PENDING))
    assert said(sent) == []
    done = after(sent, told_of_extra(RefundStatus.SUCCEEDED))
    assert said(done) == [("money_returned", "cs_late")]
    assert done.notices[0].message_id == "<money-returned.cs_late@mail.example>"

    twice = after(
        done,
        told_of_extra(RefundStatus.FAILED),
        told_of_extra(RefundStatus.SUCCEEDED, tries=1),
    )
    assert said(twice) == said(done)


def test_what_was_said_stays_whatever_became_of_it() -> None:
    received = after(owned(), asked(usd(3_000).amount))
    (notice,) = received.notices
    sent = after(received, told(RefundStatus.SUCCEEDED, amount=3_000))

    assert sent.notices[0] == notice
    assert [each.place for each in sent.notices] == [0, 1]


@given(st.lists(steps, max_size=14))
def test_no_row_is_spoken_of_twice_in_one_way(history: list[Step]) -> None:
    purchase = owned()

    for step in history:
        before, purchase = purchase, after(purchase, step)
        assert purchase.notices[: len(before.notices)] == before.notices

    ids = [notice.message_id for notice in purchase.notices]
    assert len(ids) == len(set(ids)) <= MOST
    assert [notice.place for notice in purchase.notices] == list(range(len(ids)))
    rows = {row.id for row in purchase.refunds}
    assert {notice.row_id for notice in purchase.notices} <= rows


def test_there_is_room_for_all_that_can_be_said() -> None:
    """Ten refunds, each received, failed and done after all; five payments returned."""
    rows = [a_refund(f"rf_{n}", 100) for n in range(10)]
    extras = tuple(an_extra_payment(f"cs_{n}") for n in range(5))
    purchase = a_purchase(Status.COMPLETED, extra_payments=extras)

    def all_in(state: RefundState) -> Rule:
        moved = tuple(replace(row, state=state) for row in rows)
        is_done = state is RefundState.DONE
        returned = tuple(extra.done("re") if is_done else extra for extra in extras)
        return lambda p: replace(p, refunds=moved, extra_payments=returned)

    ways = (RefundState.DUE, RefundState.REFUSED, RefundState.DONE)
    purchase = after(purchase, *map(all_in, ways))

    assert len(purchase.notices) == MOST
