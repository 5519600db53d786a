"""The sums that an admin sees first, against purchases that make them."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from application.ports.figures import MoneyOfDay, SpotsOfProgram
from domain.ids import ProgramId, PurchaseId, SessionId
from domain.money import Money
from domain.purchase import Payment, Purchase, Status
from domain.refunds import Refund, RefundState
from tests.contracts.examples import (
    CHESS,
    CHOIR,
    NOON,
    mail,
    open_session,
    program,
    purchase,
    quote,
    usd,
)
from tests.contracts.storage import Storage, beyond_mongomock

DAY = timedelta(days=1)
TODAY = date(2026, 3, 2)
YESTERDAY = date(2026, 3, 1)
NOT_ITS_OWN = "its driver for tests cannot aggregate"


def paid(
    name: str, amount: Money, at: datetime, status: Status = Status.COMPLETED
) -> Purchase:
    return purchase(
        name,
        program_id=ProgramId(name),
        status=status,
        paid=Payment(
            session_id=SessionId(f"cs_{name}"), payment_intent=name, amount=amount
        ),
        confirmation=mail(of=name),
        completed_at=at,
    )


def row(id_: str, amount: Money, state: RefundState = RefundState.SENT) -> Refund:
    return Refund(id=id_, amount=amount, reason="x", by="x", state=state)


async def moved(
    storage: Storage, before: Purchase, *rows: Refund, at: datetime
) -> Purchase:
    after = replace(before, refunds=rows)
    assert await storage.purchases.swap_money(before, after, at=at, by="test")
    return await storage.purchases.get(before.id)


async def test_purchases_are_counted_by_where_they_stand(storage: Storage) -> None:
    failed = replace(row("r", usd(5)), state=RefundState.FAILED)
    done = replace(failed, id="s", state=RefundState.DONE)
    rows: dict[str, dict[str, Any]] = {
        "one": {"status": Status.PENDING, "session": open_session()},
        "two": {"status": Status.COMPLETED, "refunds": (failed,)},
        "three": {"status": Status.COMPLETED, "refunds": (failed, done)},
        "four": {"status": Status.CLOSED},
    }
    for name, facts in rows.items():
        await storage.purchases.add(purchase(name, program_id=ProgramId(name), **facts))

    counts = await storage.figures.status_counts()

    assert {s: n for s, n in counts.by_status.items() if n} == {
        Status.PENDING: 1,
        Status.COMPLETED: 2,
        Status.CLOSED: 1,
    }
    assert set(counts.by_status) == set(Status)
    assert counts.refund_failed == 1


@beyond_mongomock(NOT_ITS_OWN)
async def test_money_is_summed_up_on_the_day_on_which_it_moved(
    storage: Storage,
) -> None:
    one = paid("one", usd(1000), NOON)
    for each in (
        one,
        paid("two", usd(500), NOON - DAY),
        paid("three", Money.of(70, "jpy"), NOON),
        paid("four", usd(9), NOON - 9 * DAY),
        purchase("five", program_id=CHESS),
    ):
        await storage.purchases.add(each)
    first, second = row("r1", usd(300)), row("r2", usd(200))
    sent = await moved(storage, one, first, at=NOON - DAY)
    first = first.moved_to(RefundState.DONE)
    back = await moved(storage, sent, first, at=NOON)
    more = await moved(
        storage, back, first, second.moved_to(RefundState.DONE), at=NOON + DAY
    )
    await moved(storage, more, *more.refunds, row("r3", usd(50)), at=NOON + 2 * DAY)

    money = await storage.figures.money_by_day(since=NOON - 2 * DAY)
    later = await storage.figures.money_by_day(since=NOON + DAY)

    assert list(money) == [
        MoneyOfDay(day=YESTERDAY, currency="usd", came=500),
        MoneyOfDay(day=TODAY, currency="jpy", came=70),
        MoneyOfDay(day=TODAY, currency="usd", came=1000, went=300),
        MoneyOfDay(day=date(2026, 3, 3), currency="usd", went=200),
    ]
    assert list(later) == [money[-1]]


@beyond_mongomock(NOT_ITS_OWN)
async def test_what_did_not_arrive_after_all_did_not_go(storage: Storage) -> None:
    one = paid("one", usd(1000), NOON)
    await storage.purchases.add(one)
    done = row("r1", usd(300)).moved_to(RefundState.DONE)
    back = await moved(storage, one, done, at=NOON)
    await moved(storage, back, done.moved_to(RefundState.FAILED), at=NOON + DAY)

    [today] = await storage.figures.money_by_day(since=NOON)

    assert (today.came, today.went) == (1000, 0)


async def test_spots_are_held_paid_free_or_too_many(storage: Storage) -> None:
    for it in (
        program(CHOIR, limit=4),
        program(CHESS, limit=0, title="Any"),
        program(ProgramId("old"), is_active=False),
    ):
        await storage.programs.add(it)
    facts: dict[str, dict[str, Any]] = {
        "held": {"status": Status.RESERVED},
        "payable": {"status": Status.PENDING, "session": open_session()},
        "paid": {"status": Status.COMPLETED},
        "full": {"status": Status.PENDING, "session": open_session("cs_9")},
    }
    for name, more in facts.items():
        one = purchase(name, buyer=name, **more)  # type: ignore[arg-type]
        if name == "full":
            one = replace(one, quote=replace(quote(), is_class_rep=False))
        else:
            await storage.programs.reserve_spot(CHOIR, PurchaseId(name), limit=4)
        await storage.purchases.add(one)

    unlimited, choir = await storage.figures.spots(limit=9)

    assert (choir.limit, choir.held, choir.paid, choir.free) == (4, 2, 1, 1)
    assert (unlimited.limit, unlimited.free, unlimited.over) == (None, None, 0)
    assert len(await storage.figures.spots(limit=1)) == 1


def test_a_lowered_limit_may_be_exceeded() -> None:
    spots = SpotsOfProgram(program_id=CHOIR, title="x", limit=2, held=1, paid=3)

    assert (spots.free, spots.over) == (0, 2)
