"""What an inspection reads: every purchase that is not at rest, and all spots."""

from dataclasses import replace
from typing import Any

import pytest

from domain.differences import is_restless
from domain.disputes import Dispute, DisputeState
from domain.ids import ProgramId, PurchaseId, SessionId
from domain.purchase import Payment, Purchase, Status
from domain.refunds import ExtraPaymentState, Refund, RefundState
from domain.spot_books import SpotBook
from tests.contracts.examples import (
    CHESS,
    CHOIR,
    GRACE,
    NOON,
    extra_payment,
    mail,
    program,
    purchase,
    usd,
)
from tests.contracts.storage import Storage

ONE, TWO = PurchaseId("one"), PurchaseId("two")
PAID = Payment(session_id=SessionId("cs"), payment_intent="pi", amount=usd(150_000))
DISPUTE = Dispute(
    id="dp_1", state=DisputeState.NEEDS_RESPONSE, amount=usd(1), opened_at=NOON
)


def bought(name: str, status: Status = Status.COMPLETED, **facts: Any) -> Purchase:
    """Return a purchase of a program of its own, so that many may be live."""
    owned: dict[str, Any] = {"paid": PAID, "confirmation": mail(of=name)}
    paid = owned if status in {Status.COMPLETED, Status.REFUNDING} else {}
    return purchase(name, program_id=ProgramId(name), status=status, **paid | facts)


def refund(state: RefundState) -> Refund:
    return Refund(id="rf_1", amount=usd(1), reason="asked", by="ada", state=state)


async def restless(
    storage: Storage, *, after: PurchaseId | None = None, limit: int = 99
) -> list[PurchaseId]:
    found = await storage.survey.restless(after=after, limit=limit)
    return [row.id for row in found]


ROWS = [
    *(bought(f"status-{status}", status) for status in Status),
    *(
        bought(f"refund-{state}", refunds=(refund(state),), money_revision=1)
        for state in RefundState
    ),
    *(
        bought(
            f"extra-{state}", extra_payments=(replace(extra_payment(), state=state),)
        )
        for state in ExtraPaymentState
    ),
    *(
        bought(f"dispute-{state}", dispute=replace(DISPUTE, state=state))
        for state in DisputeState
    ),
    bought("mail-dead", confirmation=mail(of="dead").given_up()),
]


async def test_what_is_not_at_rest_is_walked_over_by_id(storage: Storage) -> None:
    for row in ROWS:
        await storage.purchases.add(row)
    expected = sorted(row.id for row in ROWS if is_restless(row))

    assert len(expected) > 10
    assert await restless(storage) == expected
    assert await restless(storage, limit=4) == expected[:4]
    assert await restless(storage, after=expected[3], limit=3) == expected[4:7]
    assert await restless(storage, after=expected[-1]) == []


@pytest.mark.parametrize(
    "after",
    [
        {"refunds": (refund(RefundState.FAILED),)},
        {"dispute": DISPUTE},
    ],
)
async def test_trouble_with_money_is_seen_from_the_write_that_brought_it(
    storage: Storage, after: dict[str, Any]
) -> None:
    row = bought("one")
    await storage.purchases.add(row)
    assert await restless(storage) == []

    troubled = replace(row, **after)
    assert await storage.purchases.swap_money(row, troubled, at=NOON, by="test")
    assert await restless(storage) == ["one"]

    over = replace(await storage.purchases.get(ONE), refunds=troubled.refunds)
    done = refund(RefundState.DONE)
    calm = replace(over, refunds=(*over.refunds, replace(done, id="rf_2")))
    won = replace(DISPUTE, state=DisputeState.WON)
    calm = replace(calm, dispute=won if over.dispute else None)
    assert await storage.purchases.swap_money(over, calm, at=NOON, by="test")
    assert await restless(storage) == []


async def test_purchases_are_read_by_their_ids(storage: Storage) -> None:
    rows = [bought("one"), bought("two", Status.CLOSED)]
    for row in rows:
        await storage.purchases.add(row)

    found = await storage.survey.among([TWO, ONE, PurchaseId("nobody's")])

    assert {row.id: row for row in found} == {row.id: row for row in rows}


async def test_purchases_are_read_by_their_payments(storage: Storage) -> None:
    extra = extra_payment()
    assert extra.payment_intent is not None
    row = bought("one", extra_payments=(extra,))
    free = bought("free", paid=None)
    for each in (row, free, bought("two", Status.CLOSED)):
        await storage.purchases.add(each)

    found = await storage.survey.paid_by(["pi", extra.payment_intent, "pi_nobody's"])

    assert found == {"pi": row, extra.payment_intent: row}
    assert await storage.survey.paid_by(["pi"]) == {"pi": row}


async def test_live_class_reps_of_a_program_should_hold_a_spot(
    storage: Storage,
) -> None:
    for status in Status:
        await storage.purchases.add(bought(f"{status}", status))
    of_chess: dict[str, Any] = {"program_id": CHESS, "status": Status.PENDING}
    await storage.purchases.add(purchase("rep", **of_chess))
    full = replace(purchase("x").quote, is_class_rep=False)
    await storage.purchases.add(purchase("full", **of_chess, quote=full, buyer=GRACE))

    holding = {
        status
        for status in Status
        if await storage.survey.live_reps(ProgramId(f"{status}"))
    }
    assert holding == {
        Status.RESERVED,
        Status.PENDING,
        Status.CLOSING,
        Status.COMPLETED,
        Status.REFUNDING,
    }
    assert await storage.survey.live_reps(CHESS) == {"rep"}


async def test_spots_are_read_with_their_counter_by_program(storage: Storage) -> None:
    for id_ in (CHOIR, CHESS):
        await storage.programs.add(program(id_))
    for holder in (ONE, TWO):
        await storage.programs.reserve_spot(CHOIR, holder, limit=10)
    empty = SpotBook(program_id=CHESS, holders=(), count=0)
    books = storage.survey.spot_books

    first, second = await books(after=None, limit=9)
    assert first == empty
    assert (second.program_id, sorted(second.holders), second.count) == (
        CHOIR,
        [ONE, TWO],
        2,
    )
    assert await books(after=None, limit=1) == [empty]
    assert await books(after=CHESS, limit=9) == [second]
    assert await books(after=CHOIR, limit=9) == []
    assert await storage.survey.spot_book(CHOIR) == second
    assert await storage.survey.spot_book(ProgramId("none")) is None
