"""A preview says what the refund would then really do."""

from dataclasses import replace
from typing import Any

import pytest

from domain.disputes import Dispute, DisputeState
from domain.ids import SessionId
from domain.purchase import Payment, Purchase, Status
from domain.refund_effect import effect_of_refund
from domain.refunds import Refund, RefundState
from tests.contracts.examples import NOON, purchase, quote, usd

PAID = Payment(session_id=SessionId("cs"), payment_intent="pi", amount=usd(150_000))
DISPUTED = Dispute(
    id="dp", state=DisputeState.NEEDS_RESPONSE, amount=usd(1), opened_at=NOON
)


def bought(*rows: tuple[int, RefundState], **facts: Any) -> Purchase:
    refunds = tuple(
        Refund(id=f"r{n}", amount=usd(amount), reason="x", by="x", state=state)
        for n, (amount, state) in enumerate(rows)
    )
    owned: dict[str, Any] = {"status": Status.COMPLETED, "paid": PAID}
    return purchase(**owned | {"completed_at": NOON, "refunds": refunds} | facts)


PART = (50_000, RefundState.DONE)


@pytest.mark.parametrize(
    ("row", "asked", "amount", "left", "ends"),
    [
        (bought(), None, 150_000, 0, True),
        (bought(), 150_000, 150_000, 0, True),
        (bought(), 1, 1, 149_999, False),
        (bought(PART), None, 100_000, 0, True),
        (bought(PART), 99_999, 99_999, 1, False),
        (bought((9, RefundState.FAILED)), None, 150_000, 0, True),
    ],
)
def test_it_says_how_much_and_what_it_costs_the_buyer(
    row: Purchase, asked: int | None, amount: int, left: int, *, ends: bool
) -> None:
    effect = effect_of_refund(row, amount=asked, at=NOON)

    assert (effect.amount, effect.left) == (amount, left)
    assert (effect.loses_access, effect.releases_spot) == (ends, ends)
    assert effect.why_not is None
    assert effect.currency.code == "usd"


def test_who_is_no_class_rep_holds_no_spot() -> None:
    row = bought(quote=replace(quote(), is_class_rep=False))

    effect = effect_of_refund(row, amount=None, at=NOON)

    assert (effect.loses_access, effect.releases_spot) == (True, False)


def test_what_cost_nothing_is_given_back_whole() -> None:
    free = bought(quote=quote(total=0), request=None, paid=None)

    effect = effect_of_refund(free, amount=None, at=NOON)

    assert (effect.amount, effect.left, effect.why_not) == (0, 0, None)
    assert (effect.loses_access, effect.releases_spot) == (True, True)


def test_no_sum_is_given_back_of_what_cost_nothing() -> None:
    free = bought(quote=quote(total=0), request=None, paid=None)

    effect = effect_of_refund(free, amount=1, at=NOON)

    assert (effect.why_not, effect.amount, effect.left) == ("refund_too_large", 0, 0)
    assert (effect.loses_access, effect.releases_spot) == (False, False)


@pytest.mark.parametrize(
    ("row", "asked", "why", "left"),
    [
        (purchase(), None, "not_completed", 0),
        (bought(PART), 100_001, "refund_too_large", 100_000),
        (bought((5, RefundState.DUE)), 5, "refund_under_way", 149_995),
        (bought(dispute=DISPUTED), None, "disputed", 150_000),
        (bought(*[(1, RefundState.DONE)] * 10), None, "too_many", 149_990),
        (bought((150_000, RefundState.DONE)), None, "refund_too_large", 0),
    ],
)
def test_it_says_what_stands_in_the_way(
    row: Purchase, asked: int | None, why: str, left: int
) -> None:
    effect = effect_of_refund(row, amount=asked, at=NOON)

    assert (effect.why_not, effect.amount, effect.left) == (why, 0, left)
    assert effect.message
    assert not effect.loses_access
    assert not effect.releases_spot
