"""Refunds, extra payments, disputes and the status move in one conditional write."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from application.ports.purchases import Noted, StuckPurchase
from domain.disputes import Dispute, DisputeState
from domain.extra_money import learn_extra_refund, refuse_try, with_extra
from domain.ids import ProgramId, PurchaseId
from domain.purchase import Purchase, Status
from domain.refunding import (
    RefundReport,
    RefundStatus,
    ask_refund,
    learn_refund,
    refuse_refund,
)
from domain.refunds import ExtraPaymentState, RefundState
from domain.transitions import MarkReserved
from tests.contracts.examples import (
    ADA,
    CHOIR,
    GRACE,
    MINUTE,
    NOON,
    complete,
    extra_payment,
    notice,
    open_session,
    purchase,
    usd,
)
from tests.contracts.storage import NEVER_YIELDS, Storage, beyond_mongomock

ONE = PurchaseId("one")
LATER = NOON + MINUTE
PAID = complete().payment


def owned(id_: str = "one", **changes: Any) -> Purchase:
    facts: dict[str, Any] = {
        "status": Status.COMPLETED,
        "session": open_session(),
        "paid": PAID,
    }
    return purchase(id_, **facts | changes)


def asked(before: Purchase, amount: int | None = None, *, row: str = "r") -> Purchase:
    return ask_refund(before, row_id=row, amount=amount, reason="asked", by="buyer")


def told(status: RefundStatus, **changes: Any) -> RefundReport:
    report: dict[str, Any] = {
        "id": "re_1",
        "payment_intent": "pi_1",
        "amount": 150_000,
        "currency": "usd",
        "status": status,
        "created_at": NOON,
    }
    return RefundReport(**report | changes)


async def swapped(storage: Storage, before: Purchase, after: Purchase) -> Purchase:
    """Swap, and see that what is stored is what the rules said."""
    assert await storage.purchases.swap_money(before, after, at=LATER, by="test")
    stored = await storage.purchases.get(before.id)
    assert stored == replace(
        after, updated_at=LATER, money_revision=before.money_revision + 1
    )
    return stored


async def test_a_refund_goes_all_its_way(storage: Storage) -> None:
    await storage.purchases.add(owned())

    due = await swapped(storage, owned(), asked(owned()))
    pending = told(RefundStatus.PENDING, row_id="r")
    sent = await swapped(storage, due, learn_refund(due, pending))
    done = await swapped(
        storage, sent, learn_refund(sent, told(RefundStatus.SUCCEEDED))
    )

    assert done.status is Status.REFUNDED
    assert done.refunds[0].state is RefundState.DONE


async def test_one_write_moves_one_row_and_adds_another(storage: Storage) -> None:
    await storage.purchases.add(owned())
    due = await swapped(storage, owned(), asked(owned()))

    after = refuse_refund(learn_refund(due, told(RefundStatus.SUCCEEDED)), "r")
    stored = await swapped(storage, due, after)

    assert [row.state.value for row in stored.refunds] == ["refused", "done"]


async def test_two_rows_are_added_at_once(storage: Storage) -> None:
    await storage.purchases.add(owned())
    half, rest = told(RefundStatus.SUCCEEDED, amount=1), told(RefundStatus.PENDING)

    after = learn_refund(learn_refund(owned(), half), replace(rest, id="re_2"))

    assert len((await swapped(storage, owned(), after)).refunds) == 2


async def test_a_row_and_the_notices_about_it_are_stored_at_once(
    storage: Storage,
) -> None:
    await storage.purchases.add(owned())

    received = replace(asked(owned()), notices=(notice(),))
    due = await swapped(storage, owned(), received)
    both = (*due.notices, notice(place=1), notice(place=2))
    done = learn_refund(due, told(RefundStatus.SUCCEEDED))
    await swapped(storage, due, replace(done, notices=both))


async def test_a_mail_that_is_sent_meanwhile_stays_sent(storage: Storage) -> None:
    await storage.purchases.add(owned(notices=(notice(),)))
    before = await storage.purchases.get(ONE)
    await storage.outbox.swap(ONE, notice(), notice().sent())

    after = replace(asked(before), notices=(notice(), notice(place=1)))
    assert await storage.purchases.swap_money(before, after, at=LATER, by="test")

    stored = await storage.purchases.get(ONE)
    assert stored.notices == (notice().sent(), notice(place=1))


async def test_extra_payments_move(storage: Storage) -> None:
    extras = (extra_payment("cs_a"), extra_payment("cs_b"))
    before = purchase(status=Status.CLOSED, extra_payments=extras)
    await storage.purchases.add(before)

    pending = told(RefundStatus.PENDING, payment_intent="pi_cs_b")
    sent = await swapped(storage, before, learn_extra_refund(before, pending))
    failed = told(RefundStatus.FAILED, payment_intent="pi_cs_b")
    again = await swapped(storage, sent, learn_extra_refund(sent, failed))
    over = with_extra(again, "pi_cs_b", lambda row: refuse_try(row, "cs_b:1"))
    refused = await swapped(storage, again, over)

    assert refused.extra_payments[1].failed == ("re_1",)
    assert [row.tries for row in refused.extra_payments] == [0, 2]


async def test_a_dispute_is_flagged_and_moves_on(storage: Storage) -> None:
    await storage.purchases.add(owned())
    opened = Dispute(
        id="dp_1", state=DisputeState.NEEDS_RESPONSE, amount=usd(5), opened_at=NOON
    )
    flagged = await swapped(storage, owned(), replace(owned(), dispute=opened))
    lost = replace(opened, state=DisputeState.LOST)

    over = replace(flagged, dispute=lost, status=Status.REFUNDED)

    assert (await swapped(storage, flagged, over)).dispute == lost


async def test_a_purchase_that_is_over_makes_way_for_another(storage: Storage) -> None:
    await storage.purchases.add(owned())
    await swapped(storage, owned(), learn_refund(owned(), told(RefundStatus.SUCCEEDED)))

    await storage.purchases.add(purchase("two"))

    live = await storage.purchases.find_live(buyer_id=ADA, program_id=CHOIR)
    assert live == purchase("two")


async def test_a_purchase_that_goes_on_stays_live(storage: Storage) -> None:
    await storage.purchases.add(owned())
    stored = await swapped(storage, owned(), asked(owned()))

    live = await storage.purchases.find_live(buyer_id=ADA, program_id=CHOIR)
    assert live == stored


async def test_what_moved_since_it_was_read_is_not_overwritten(
    storage: Storage,
) -> None:
    await storage.purchases.add(owned())
    stored = await swapped(storage, owned(), asked(owned(), 10))
    swap = storage.purchases.swap_money

    assert not await swap(owned(), asked(owned(), 20), at=LATER, by="test")
    assert await storage.purchases.get(ONE) == stored
    ahead = replace(stored, money_revision=7)
    assert not await swap(ahead, stored, at=LATER, by="test")
    elsewhere = replace(stored, status=Status.REFUNDING)
    assert not await swap(elsewhere, stored, at=LATER, by="test")
    assert not await swap(owned("nobody's"), owned("nobody's"), at=LATER, by="test")


async def test_an_extra_payment_moves_the_money(storage: Storage) -> None:
    await storage.purchases.add(owned())
    note = storage.purchases.note_extra_payment
    assert await note(ONE, extra_payment(), at=LATER) is Noted.NEW

    swap = storage.purchases.swap_money
    assert not await swap(owned(), asked(owned()), at=LATER, by="test")
    stored = await storage.purchases.get(ONE)
    await swapped(storage, stored, asked(stored))


async def test_a_change_of_status_is_seen(storage: Storage) -> None:
    before = purchase()
    await storage.purchases.add(before)
    await storage.purchases.change(ONE, MarkReserved(), at=NOON, by="test")

    assert not await storage.purchases.swap_money(before, before, at=LATER, by="test")


@beyond_mongomock(NEVER_YIELDS)
async def test_of_fifty_who_read_the_same_one_swaps(storage: Storage) -> None:
    await storage.purchases.add(owned())

    ends = await asyncio.gather(
        *(
            storage.purchases.swap_money(
                owned(), asked(owned(), row=f"r{n}"), at=LATER, by="test"
            )
            for n in range(50)
        )
    )

    assert ends.count(True) == 1
    (row,) = (await storage.purchases.get(ONE)).refunds
    assert row.id == f"r{ends.index(True)}"


# --- Finding what is owed -----------------------------------------------------


async def owing(storage: Storage, limit: int = 10) -> list[str]:
    return [row.id for row in await storage.purchases.owing(at=LATER, limit=limit)]


async def test_what_is_stored_open_is_owing(storage: Storage) -> None:
    late = purchase(
        "late",
        status=Status.CLOSED,
        extra_payments=(extra_payment(),),
        updated_at=LATER,
    )
    await storage.purchases.add(late)
    await storage.purchases.add(purchase("none", status=Status.CLOSED))
    await storage.purchases.add(asked(owned("due")))

    assert await owing(storage) == ["due", "late"]
    assert await owing(storage, limit=1) == ["due"]


async def unsettled(storage: Storage, *, limit: int = 10) -> list[str]:
    return [row.id for row in await storage.purchases.unsettled(limit=limit)]


async def test_money_has_no_outcome_from_when_it_was_noted_until_it_has(
    storage: Storage,
) -> None:
    await storage.purchases.add(purchase(status=Status.CLOSED))
    assert await unsettled(storage) == []
    await storage.purchases.note_extra_payment(ONE, extra_payment(), at=NOON)
    await storage.purchases.note_extra_payment(ONE, extra_payment("cs_b"), at=LATER)

    (found,) = await storage.purchases.unsettled(limit=10)
    assert found == await storage.purchases.get(ONE)
    assert found.unsettled_since == NOON

    await swapped(storage, found, replace(found, unsettled_since=None))
    assert await unsettled(storage) == []


async def test_what_has_had_no_outcome_for_longest_comes_first(
    storage: Storage,
) -> None:
    for name, since in (("b", LATER), ("c", LATER + MINUTE), ("a", NOON)):
        await storage.purchases.add(
            purchase(name, program_id=ProgramId(name), unsettled_since=since)
        )

    assert await unsettled(storage) == ["a", "b", "c"]
    assert await unsettled(storage, limit=2) == ["a", "b"]


async def test_what_becomes_open_is_owing_until_it_is_not(storage: Storage) -> None:
    await storage.purchases.add(owned())
    assert await owing(storage) == []

    due = await swapped(storage, owned(), asked(owned()))
    assert await owing(storage) == ["one"]
    word = told(RefundStatus.PENDING, row_id="r")
    sent = await swapped(storage, due, learn_refund(due, word))
    assert await owing(storage) == ["one"]
    await swapped(storage, sent, learn_refund(sent, told(RefundStatus.SUCCEEDED)))
    assert await owing(storage) == []


async def test_what_owes_is_not_shown_while_it_is_claimed(storage: Storage) -> None:
    await storage.purchases.add(asked(owned("a")))
    await storage.purchases.add(asked(owned("b", buyer=GRACE, session=None)))
    claimed = StuckPurchase(id=PurchaseId("a"), status=Status.REFUNDING)
    until = LATER + MINUTE
    assert await storage.purchases.claim_drive(claimed, at=LATER, until=until)
    await storage.purchases.note_drive_failure(claimed.id)

    assert await owing(storage) == ["b"]
    rows = await storage.purchases.owing(at=until, limit=2)
    assert [(row.id, row.failures) for row in rows] == [("b", 0), ("a", 1)]


async def test_money_that_is_under_way_is_only_waited_for(storage: Storage) -> None:
    due = asked(owned())
    sent = learn_refund(due, told(RefundStatus.PENDING, row_id="r"))
    await storage.purchases.add(sent)
    [row] = await storage.purchases.owing(at=LATER, limit=1)
    assert row.only_waits

    await storage.purchases.note_extra_payment(ONE, extra_payment(), at=NOON)
    [row] = await storage.purchases.owing(at=LATER, limit=1)
    assert not row.only_waits


async def test_a_noted_extra_payment_is_owing_until_it_is_back(
    storage: Storage,
) -> None:
    await storage.purchases.add(purchase(status=Status.CLOSED))
    await storage.purchases.note_extra_payment(ONE, extra_payment(), at=NOON)
    assert await owing(storage) == ["one"]

    stored = await storage.purchases.get(ONE)
    word = told(RefundStatus.SUCCEEDED, payment_intent="pi_cs_late")
    done = await swapped(storage, stored, learn_extra_refund(stored, word))

    assert done.extra_payments[0].state is ExtraPaymentState.DONE
    assert await owing(storage) == []


@pytest.mark.parametrize(
    ("intent", "found"),
    [("pi_1", "own"), ("pi_cs_a", "extra"), ("pi_cs_b", "extra"), ("pi_x", None)],
)
async def test_a_purchase_is_found_by_its_payments(
    storage: Storage, intent: str, found: str | None
) -> None:
    extras = (extra_payment("cs_a"), extra_payment("cs_b"))
    await storage.purchases.add(owned("own"))
    await storage.purchases.add(
        purchase("extra", buyer=GRACE, status=Status.CLOSED, extra_payments=extras)
    )
    await storage.purchases.add(purchase("none", program_id=ProgramId("x")))

    purchase_found = await storage.purchases.find_by_payment_intent(intent)

    assert (purchase_found and purchase_found.id) == found


async def test_a_payment_noted_later_is_found(storage: Storage) -> None:
    await storage.purchases.add(purchase(status=Status.CLOSED))
    for name in ("cs_a", "cs_b"):
        await storage.purchases.note_extra_payment(ONE, extra_payment(name), at=NOON)
    stored = await storage.purchases.get(ONE)
    word = told(RefundStatus.PENDING, payment_intent="pi_cs_b")
    await swapped(storage, stored, learn_extra_refund(stored, word))

    for intent in ("pi_cs_a", "pi_cs_b"):
        found = await storage.purchases.find_by_payment_intent(intent)
        assert found is not None
        assert found.id == ONE
