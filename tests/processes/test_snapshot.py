"""What looks for violations finds each of them."""

from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from tests.processes.load import Ledger
from tests.processes.snapshot import Snapshot, page_of, violations

PURCHASE: dict[str, Any] = {
    "_id": "p-1",
    "user_id": "ada",
    "program_id": "choir",
    "live": True,
    "status": "completed",
    "quote": {"class_rep": True, "amount": 5_000},
    "session": {"id": "cs_1"},
    "paid": {"session_id": "cs_1", "amount": 5_000},
    "effects": {"confirm": {"message_id": "<1>", "state": "sent", "tries": 1}},
}
PROGRAM: dict[str, Any] = {
    "_id": "choir",
    "spots": ["p-1"],
    "class_rep_count": 1,
    "class_rep_limit": 1,
}
SESSION: dict[str, Any] = {
    "id": "cs_1",
    "client_reference_id": "p-1",
    "payment_status": "paid",
    "status": "complete",
    "amount_total": 5_000,
}
REFUND: dict[str, Any] = {"id": "re_1", "payment_intent": "pi_1"}
PAGE = page_of(PURCHASE)


def world(
    change: Callable[[dict[str, Any]], object] = lambda _: None,
) -> tuple[Snapshot, Ledger]:
    """Return one purchase that is right, less what `change` does to it."""
    parts: dict[str, Any] = {
        "purchases": {"p-1": PURCHASE},
        "programs": [PROGRAM],
        "orphans": [],
        "events": [],
        "sessions": [SESSION],
        "refunds": [],
        "mails": Counter(["<1>"]),
        "ledger": Ledger(pages={"p-1": PAGE}, completed={"p-1"}, paid={"cs_1"}),
    }
    parts = deepcopy(parts)
    change(parts)
    ledger = parts.pop("ledger")
    return Snapshot(**parts), ledger


def of_purchase(**changes: Any) -> Callable[[dict[str, Any]], object]:
    return lambda parts: parts["purchases"]["p-1"].update(changes)


def of_program(**changes: Any) -> Callable[[dict[str, Any]], object]:
    return lambda parts: parts["programs"][0].update(changes)


def of_session(**changes: Any) -> Callable[[dict[str, Any]], object]:
    return lambda parts: parts["sessions"][0].update(changes)


def second_purchase(parts: dict[str, Any]) -> None:
    quote = {"class_rep": False, "amount": 1}
    second = PURCHASE | {"_id": "p-2", "status": "pending", "quote": quote}
    parts["purchases"]["p-2"] = second


VIOLATIONS: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "purchase lost": (lambda parts: parts["purchases"].clear(), "lost"),
    "session changed": (of_purchase(session={"id": "cs_2"}), "lost"),
    "no longer completed": (
        of_purchase(status="closed", live=False),
        "completed and no longer",
    ),
    "cancelled and completed": (
        lambda parts: parts["ledger"].cancelled.add("p-1"),
        "cancelled and not closed",
    ),
    "payment lost": (of_session(payment_status="unpaid"), "does not know"),
    "two live": (second_purchase, "2 live purchases"),
    "stuck": (of_purchase(status="reserved"), "not settled"),
    "dead and live": (of_purchase(live=False), "live or not"),
    "no spot": (of_program(spots=[], class_rep_count=0), "spots of others"),
    "counted wrong": (of_program(class_rep_count=0), "wrong number"),
    "sold twice": (of_program(class_rep_limit=0), "wrong number"),
    "two sessions": (lambda parts: parts["sessions"].append(SESSION), "2 sessions"),
    "no session": (lambda parts: parts["sessions"].clear(), "without a session"),
    "session of nothing": (of_session(client_reference_id="p-9"), "of nothing"),
    "not paid": (of_session(payment_status="unpaid"), "without money"),
    "still payable": (
        of_session(payment_status="unpaid", status="open"),
        "payable",
    ),
    "money unrecorded": (of_purchase(paid=None), "money without a record"),
    "wrong amount": (of_session(amount_total=4_000), "another amount"),
    "refund forgotten": (
        lambda parts: parts["ledger"].regretted.add("p-1"),
        "to be refunded and not",
    ),
    "refund without a row": (
        lambda parts: parts["refunds"].append(REFUND),
        "without a row",
    ),
    "refunded twice": (
        lambda parts: parts["refunds"].extend([REFUND, REFUND | {"id": "re_2"}]),
        "2 refunds of pi_1",
    ),
    "refund not sent": (
        of_purchase(refunds=[{"state": "due"}]),
        "not given back",
    ),
    "refund invented": (
        of_purchase(refunds=[{"state": "done", "stripe_id": "re_9"}]),
        "not given back",
    ),
    "no mail": (lambda parts: parts["mails"].clear(), "not told"),
    "mail not marked": (
        of_purchase(
            effects={"confirm": {"message_id": "<1>", "state": "due", "tries": 1}}
        ),
        "not told",
    ),
    "copy without a reason": (
        lambda parts: parts["mails"].update(["<1>"]),
        "2 copies in 1 tries",
    ),
    "more copies than kills": (
        lambda parts: parts["mails"].update(["<1>"]),
        "1 copies too many after 0 kills",
    ),
    "notice not sent": (
        of_purchase(
            effects=PURCHASE["effects"]
            | {"notices": [{"message_id": "<3>", "state": "due", "tries": 0}]}
        ),
        "not told",
    ),
    "event held": (
        lambda parts: parts["events"].append({"_id": "evt_1", "why": "ValueError"}),
        "held: ",
    ),
    "mail for nothing": (lambda parts: parts["mails"].update(["<2>"]), "for nothing"),
    "surprise": (
        lambda parts: parts["ledger"].surprises.append("500: oh"),
        "500: oh",
    ),
}


def test_nothing_is_found_where_all_is_right() -> None:
    assert violations(*world(), kills=0) == []


@pytest.mark.parametrize("name", list(VIOLATIONS))
def test_a_violation_is_found(name: str) -> None:
    change, words = VIOLATIONS[name]
    assert any(words in each for each in violations(*world(change), kills=0))


def test_late_money_with_a_record_is_none() -> None:
    def pay_late(parts: dict[str, Any]) -> None:
        back = {"session_id": "cs_1", "state": "done", "stripe_id": "re_1"}
        of_purchase(status="closed", live=False, extra_payments=[back])(parts)
        parts["refunds"].append(REFUND)
        of_program(spots=[], class_rep_count=0)(parts)
        parts["mails"].clear()
        parts["ledger"].completed.clear()

    assert violations(*world(pay_late), kills=0) == []
