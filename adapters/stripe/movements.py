"""Stripe's balance transactions in our words."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from adapters.stripe.errors import Unreadable
from adapters.stripe.reports import metadata_of
from adapters.stripe.sessions import (
    currency_of,
    id_of,
    mapping,
    moment,
    name,
    purchase_id_of,
    text,
    whole_number,
)
from domain.ledger import Movement, MovementKind, Sum

# https://docs.stripe.com/reports/reporting-categories: finer than `type`, which calls a
# dispute, its reversal and some failed refunds all "adjustment".  What is not listed
# here, such as fees and payouts, is no payment of anybody's.
_KINDS: Final[Mapping[str, MovementKind]] = {
    "charge": MovementKind.PAYMENT,
    "charge_failure": MovementKind.PAYMENT_FAILURE,
    "refund": MovementKind.REFUND,
    "refund_failure": MovementKind.REFUND_FAILURE,
    "dispute": MovementKind.DISPUTE,
    "dispute_reversal": MovementKind.DISPUTE_REVERSAL,
}
_SINGLE: Final = ("balance_transaction", "failure_balance_transaction")
_SEVERAL: Final = "balance_transactions"  # of a dispute


def movement_of(transaction: Mapping[str, Any], source: object) -> Movement | None:
    """Read what moved, from a transaction and the object that moved it.

    Returns:
        None for what is no payment, or none that a purchase could have.

    Raises:
        Unreadable: it says which field.
    """
    kind = _KINDS.get(text(transaction, "reporting_category") or "")
    if kind is None:
        return None
    moved = mapping(source, "source")
    payment_intent = id_of(moved, "payment_intent")
    if payment_intent is None:  # ours all have one
        return None
    metadata = metadata_of(moved)
    return Movement(
        id=name(transaction, "id"),
        kind=kind,
        subject=name(moved, "id"),
        payment_intent=payment_intent,
        sum=_sum_of(transaction, moved),
        at=moment(transaction, "created"),
        purchase_id=purchase_id_of(metadata),
        app=text(metadata, "app"),
        environment=text(metadata, "environment"),
    )


def booked_on(source: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the transactions of a charge, refund or dispute that shows them whole."""
    rows = [source.get(field) for field in _SINGLE]
    rows += source.get(_SEVERAL) or []
    yield from (mapping(row, "balance_transaction") for row in rows if row is not None)


def _sum_of(transaction: Mapping[str, Any], source: Mapping[str, Any]) -> Sum:
    """Say how much it was in the buyer's currency.

    A transaction is in the currency that the account settles in
    (https://docs.stripe.com/api/balance_transactions/object, `exchange_rate`).  Where
    that is another, the charge, refund or dispute says how much the buyer's bank moved.
    """
    amount = transaction.get("amount")
    if type(amount) is not int:
        raise Unreadable("amount")
    currency = currency_of(source)
    if currency_of(transaction) == currency:
        return Sum(amount=amount, currency=currency)
    whole = whole_number(source, "amount")
    return Sum(amount=whole if amount > 0 else -whole, currency=currency)
