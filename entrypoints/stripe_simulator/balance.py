"""The account's balance: one transaction for each time that money moves.

Stripe files them under https://docs.stripe.com/reports/balance-transaction-types.  This
account settles in whatever it is paid, so amounts are those of charge and refund.
"""

from typing import Final

from entrypoints.stripe_simulator.account import Account, JsonObject, new_id
from entrypoints.stripe_simulator.calls import Call
from entrypoints.stripe_simulator.listing import (
    PAGING,
    created_within,
    matching,
    page,
)

SETTLING: Final = 2 * 24 * 3600
DISPUTE_FEE: Final = 1500


def retrieve_balance(account: Account, call: Call) -> JsonObject:
    """Sum up what was booked; all of it may be paid out at once."""
    call.params.only("expand")
    sums: dict[str, int] = {}
    for row in account.all("balance_transaction"):
        currency: str = row["currency"]
        sums[currency] = sums.get(currency, 0) + row["net"]
    available = [{"amount": sums[name], "currency": name} for name in sorted(sums)]
    return {
        "object": "balance",
        "available": available,
        "livemode": False,
        "pending": [],
    }


def retrieve_transaction(account: Account, call: Call) -> JsonObject:
    call.params.only("expand")
    return account.get("balance_transaction", call.id, param="id")


def list_transactions(account: Account, call: Call) -> JsonObject:
    call.params.only("created", "currency", "source", "type", *PAGING)
    rows = created_within(call.params, account.all("balance_transaction"))
    return page(call, matching(call.params, rows, "currency", "source", "type"))


def book_charge(account: Account, charge: JsonObject) -> None:
    """Take the money in, less a fee."""
    kind = "charge" if _is_by_card(charge) else "payment"
    amount: int = charge["amount"]
    fee = min(amount, 30 + amount * 29 // 1000)
    row = _book(account, charge, kind, "charge", amount=amount, fee=fee)
    charge["balance_transaction"] = row["id"]


def book_refund(account: Account, refund: JsonObject) -> None:
    charge = account.get("charge", refund["charge"])
    kind = "refund" if _is_by_card(charge) else "payment_refund"
    row = _book(account, refund, kind, "refund", amount=-refund["amount"])
    refund["balance_transaction"] = row["id"]


def book_refund_failure(account: Account, refund: JsonObject) -> None:
    """Take back what a refund gave; one that was never booked gave nothing."""
    if refund["balance_transaction"] is None:
        return
    kind = "refund_failure"
    row = _book(account, refund, kind, kind, amount=refund["amount"])
    refund["failure_balance_transaction"] = row["id"]


def book_dispute(account: Account, dispute: JsonObject) -> None:
    """Give the bank what it asks for, and a fee for its trouble."""
    amount, fee = -dispute["amount"], DISPUTE_FEE
    row = _book(account, dispute, "adjustment", "dispute", amount=amount, fee=fee)
    dispute["balance_transactions"].append(row)


def book_dispute_reversal(account: Account, dispute: JsonObject) -> None:
    """Get it back from the bank, if it was ever given."""
    if not dispute["balance_transactions"]:
        return
    category = "dispute_reversal"
    amount = dispute["amount"]
    row = _book(account, dispute, "adjustment", category, amount=amount)
    dispute["balance_transactions"].append(row)


def _is_by_card(charge: JsonObject) -> bool:
    is_by_card: bool = charge["payment_method_details"]["type"] == "card"
    return is_by_card


def _book(
    account: Account,
    source: JsonObject,
    kind: str,
    category: str,
    *,
    amount: int,
    fee: int = 0,
) -> JsonObject:
    now = account.clock.now()
    return account.add(
        {
            "id": new_id("txn_3"),
            "object": "balance_transaction",
            "amount": amount,
            "available_on": now + SETTLING,
            "balance_type": "payments",
            "created": now,
            "currency": source["currency"],
            "description": None,
            "exchange_rate": None,
            "fee": fee,
            "fee_details": _fees(fee, source["currency"]),
            "net": amount - fee,
            "reporting_category": category,
            "source": source["id"],
            "status": "pending",
            "type": kind,
        }
    )


def _fees(amount: int, currency: str) -> list[JsonObject]:
    fee = {
        "amount": amount,
        "application": None,
        "currency": currency,
        "description": "Simulated processing fees",
        "type": "stripe_fee",
    }
    return [fee] if amount else []
