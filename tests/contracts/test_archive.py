"""What admins find among all purchases, whatever they type."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from application.ports.archive import DEPTH_MAX, ArchiveQuery
from application.ports.purchases import PurchaseNotFound
from domain.ids import OrderNumber, ProgramId, PurchaseId, SessionId
from domain.purchase import Buyer, Payment, Purchase, Status
from domain.refunds import Refund, RefundState
from domain.transitions import MarkReserved
from tests.contracts.examples import (
    ADA,
    CHESS,
    CHOIR,
    GRACE,
    MINUTE,
    NOON,
    act,
    complete,
    extra_payment,
    mail,
    open_session,
    program,
    purchase,
    quote,
    usd,
)
from tests.contracts.storage import Storage

DAY = timedelta(days=1)
REP = Refund(id="r", amount=usd(5), reason="x", by="x", state=RefundState.FAILED)
PAID = Payment(session_id=SessionId("cs_2"), payment_intent="pi_2", amount=usd(150_000))


def completed(name: str, *states: RefundState, **facts: Any) -> Purchase:
    refunds = tuple(replace(REP, id=state, state=state) for state in states)
    return purchase(
        name,
        program_id=ProgramId(name),
        status=Status.COMPLETED,
        paid=replace(PAID, payment_intent=f"pi_{name}"),
        confirmation=mail(of=name),
        completed_at=NOON,
        refunds=refunds,
        **facts,
    )


ONE = purchase("one", at=NOON - DAY)
TWO = replace(
    completed("two", RefundState.FAILED, RefundState.DONE, at=NOON),
    session=open_session("cs_2"),
    paid=PAID,
    quote=replace(quote(), is_class_rep=False),
)
THREE = replace(
    completed("three", RefundState.DONE, RefundState.FAILED, at=NOON + MINUTE),
    buyer=Buyer(id=GRACE, email="Grace@example.org", name="Grace Hopper"),
)
FOUR = replace(
    purchase("four", buyer=GRACE, program_id=CHESS, at=NOON + DAY),
    status=Status.CLOSED,
    extra_payments=(extra_payment("cs_late"),),
    order_number=OrderNumber("ORD-2026-ABC"),
)
ROWS = (ONE, TWO, THREE, FOUR)


@pytest.fixture
async def stocked(storage: Storage) -> Storage:
    for row in ROWS:
        await storage.purchases.add(row)
    await storage.programs.add(replace(program(CHOIR), title="Choir practice"))
    await storage.programs.add(replace(program(CHESS), title="Chess for Two"))
    return storage


async def found(storage: Storage, **asked: Any) -> list[str]:
    page = await storage.archive.page(ArchiveQuery(**asked), page=1, size=9)
    assert page.total == len(page.items)
    return [row.id for row in page.items]


async def test_everything_is_found_newest_first_page_by_page(stocked: Storage) -> None:
    everything = ArchiveQuery()
    assert await found(stocked) == ["four", "three", "two", "one"]
    for number, ids in ((1, ["four", "three"]), (2, ["two", "one"]), (3, [])):
        page = await stocked.archive.page(everything, page=number, size=2)
        assert ([row.id for row in page.items], page.total) == (ids, 4)
    beyond = await stocked.archive.page(everything, page=DEPTH_MAX, size=100)
    assert (beyond.items, beyond.total) == ((), 4)


SEARCHES: list[tuple[str, list[str]]] = [
    ("two", ["two"]),
    ("ORD-one", []),
    ("ord-2026-abc", ["four"]),
    ("grace", ["four", "three"]),
    ("ada@example.com", ["two", "one"]),
    ("ADA@EXAMPLE.COM", ["two", "one"]),
    ("Grace@example.org", ["three"]),
    ("cs_2", ["two"]),
    ("pi_2", ["two"]),
    ("pi_cs_late", ["four"]),
    ("Grace H", ["three"]),
    ("Gra", ["four", "three"]),
    ("ad", ["two", "one"]),
    ("Chess", ["four"]),
    ("choir pra", ["one"]),
    ("nobody", []),
    ("cs_", []),
    ("@", []),
    (".*", []),
    ("{'$ne': 1}", []),
    ("$where", []),
    ("\x00", []),
]


async def test_a_search_means_what_it_names(stocked: Storage) -> None:
    said = {search: await found(stocked, search=search) for search, _ in SEARCHES}

    assert said == dict(SEARCHES)


async def test_a_search_narrows_like_any_filter(stocked: Storage) -> None:
    closed = [Status.CLOSED]
    assert await found(stocked, search="grace", statuses=closed) == ["four"]
    assert await found(stocked, search="ada", statuses=closed) == []


async def test_each_filter_narrows(stocked: Storage) -> None:
    assert await found(stocked, statuses=[Status.CLOSED, Status.CREATING]) == [
        "four",
        "one",
    ]
    assert await found(stocked, program_id=CHESS) == ["four"]
    assert await found(stocked, is_class_rep=False) == ["two"]
    assert await found(stocked, has_open_money=True) == ["four"]
    assert await found(stocked, is_troubled=True) == ["three"]
    assert await found(stocked, since=NOON) == ["four", "three", "two"]
    assert await found(stocked, until=NOON) == ["one"]
    assert await found(stocked, since=NOON, until=NOON + MINUTE) == ["two"]


async def test_the_last_refund_tells_the_completed_apart(stocked: Storage) -> None:
    done = [Status.COMPLETED]

    assert await found(stocked, statuses=done, refund_failed=True) == ["three"]
    assert await found(stocked, statuses=done, refund_failed=False) == ["two"]
    assert await found(stocked, refund_failed=False) == ["four", "two", "one"]
    for search, ids in (("two", []), ("three", ["three"])):
        assert await found(stocked, search=search, refund_failed=True) == ids
    assert await found(stocked, search="three", refund_failed=False) == []
    assert await found(stocked, search="choir", program_id=CHESS) == []
    assert await found(stocked, search="choir", program_id=CHOIR) == ["one"]


async def test_a_file_holds_its_log_and_its_acts(stocked: Storage) -> None:
    id_ = PurchaseId("one")
    await stocked.purchases.change(id_, MarkReserved(), at=NOON, by="buyer")
    await stocked.purchases.change(id_, complete(), at=NOON + MINUTE, by="evt_1")
    await stocked.purchases.note_act(id_, act())

    file = await stocked.archive.file_of(id_)

    assert file.purchase.status is Status.COMPLETED
    assert [(e.at, e.target, e.by) for e in file.log] == [
        (NOON, "reserved", "buyer"),
        (NOON + MINUTE, "completed", "evt_1"),
    ]
    assert file.log[0].sources == ("creating",)
    assert file.acts == (act(),)


async def test_an_unknown_purchase_has_no_file(stocked: Storage) -> None:
    with pytest.raises(PurchaseNotFound):
        await stocked.archive.file_of(PurchaseId("nobody"))


async def test_adas_are_not_graces(stocked: Storage) -> None:
    assert set(await found(stocked, search=ADA)).isdisjoint(
        await found(stocked, search=GRACE)
    )
