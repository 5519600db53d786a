"""What Stripe's balance can say that the simulator's never does."""

from typing import Any

import pytest

from adapters.stripe.errors import Unreadable
from adapters.stripe.movements import booked_on, movement_of
from domain.ledger import MovementKind, Sum

CHARGE: dict[str, Any] = {
    "id": "ch_1",
    "object": "charge",
    "amount": 1000,
    "currency": "eur",
    "metadata": {"app": "spothold", "environment": "test", "purchase_id": "p-1"},
    "payment_intent": "pi_1",
}
TRANSACTION: dict[str, Any] = {
    "id": "txn_1",
    "object": "balance_transaction",
    "amount": 1000,
    "created": 1_772_445_600,
    "currency": "eur",
    "reporting_category": "charge",
    "type": "charge",
}


@pytest.mark.parametrize(
    ("category", "amount", "sign"),
    [("charge", 1234, 1), ("refund", -1234, -1), ("charge_failure", -1234, -1)],
)
def test_an_account_of_another_currency_is_told_in_the_buyers(
    category: str, amount: int, sign: int
) -> None:
    changed = {"currency": "usd", "amount": amount, "exchange_rate": 1.234}
    transaction = {**TRANSACTION, **changed, "reporting_category": category}

    movement = movement_of(transaction, CHARGE)

    assert movement is not None
    assert movement.sum == Sum(amount=sign * 1000, currency="eur")


def test_in_the_same_currency_the_transaction_knows_better() -> None:
    movement = movement_of({**TRANSACTION, "amount": 999}, CHARGE)

    assert movement is not None
    assert movement.sum == Sum(amount=999, currency="eur")


@pytest.mark.parametrize(
    ("category", "kind"),
    [
        ("charge", MovementKind.PAYMENT),
        ("charge_failure", MovementKind.PAYMENT_FAILURE),
        ("refund", MovementKind.REFUND),
        ("refund_failure", MovementKind.REFUND_FAILURE),
        ("dispute", MovementKind.DISPUTE),
        ("dispute_reversal", MovementKind.DISPUTE_REVERSAL),
    ],
)
def test_the_category_says_what_an_adjustment_is(
    category: str, kind: MovementKind
) -> None:
    transaction = {**TRANSACTION, "type": "adjustment", "reporting_category": category}

    movement = movement_of(transaction, CHARGE)

    assert movement is not None
    assert movement.kind is kind


@pytest.mark.parametrize("category", ["fee", "payout", "transfer", "topup", None])
def test_what_is_no_payment_is_left_out(category: str | None) -> None:
    transaction = {**TRANSACTION, "reporting_category": category}

    assert movement_of(transaction, None) is None


def test_a_charge_without_a_payment_intent_is_somebody_elses() -> None:
    assert movement_of(TRANSACTION, {**CHARGE, "payment_intent": None}) is None


@pytest.mark.parametrize(
    ("transaction", "source", "field"),
    [
        ({"amount": None}, {}, "amount"),
        ({"amount": 10.0}, {}, "amount"),
        ({"amount": True}, {}, "amount"),
        ({"created": "now"}, {}, "created"),
        ({"id": ""}, {}, "id"),
        ({"currency": "EUR"}, {}, "currency"),
        ({"currency": "usd"}, {"amount": -1}, "amount"),
        ({}, {"currency": None}, "currency"),
        ({}, {"metadata": "ours"}, "metadata"),
    ],
)
def test_what_is_odd_is_not_guessed(
    transaction: dict[str, Any], source: dict[str, Any], field: str
) -> None:
    with pytest.raises(Unreadable, match=f"^{field}$"):
        movement_of({**TRANSACTION, **transaction}, {**CHARGE, **source})


def test_a_source_that_was_not_shown_is_not_guessed() -> None:
    with pytest.raises(Unreadable, match="source"):
        movement_of(TRANSACTION, "ch_1")


def test_an_object_shows_what_it_moved_or_nothing_yet() -> None:
    refund = {"balance_transaction": TRANSACTION, "failure_balance_transaction": None}

    assert list(booked_on(refund)) == [TRANSACTION]
    assert list(booked_on({"balance_transaction": None})) == []
    assert list(booked_on({"balance_transactions": [TRANSACTION] * 2})) == [
        TRANSACTION,
        TRANSACTION,
    ]
    with pytest.raises(Unreadable):
        list(booked_on({"balance_transaction": "txn_1"}))
