"""What a buyer let go of, as a cool-down looks at it."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from domain.ids import BuyerId, ProgramId
from domain.purchase import ClosedReason, Purchase, Status
from tests.contracts.examples import (
    ADA,
    CHESS,
    CHOIR,
    GRACE,
    MINUTE,
    NOON,
    extra_payment,
    open_session,
    purchase,
    quote,
)
from tests.contracts.storage import Storage

HOUR = timedelta(hours=1)
PLAIN = replace(quote(), is_class_rep=False)


async def abandoned(
    storage: Storage,
    *,
    buyer: BuyerId = ADA,
    program: ProgramId = CHOIR,
    since: datetime = NOON - HOUR,
    limit: int = 9,
) -> list[datetime]:
    found = await storage.purchases.abandoned_at(
        buyer_id=buyer, program_id=program, since=since, limit=limit
    )
    return list(found)


def closed(
    name: str, *, reason: ClosedReason = ClosedReason.CANCELLED, **others: Any
) -> Purchase:
    facts = {"status": Status.CLOSED, "closed_reason": reason}
    return purchase(name, **{**facts, "session": open_session(name), **others})


async def test_the_newest_come_first_and_no_more_than_asked_for(
    storage: Storage,
) -> None:
    for n in (2, 0, 3, 1):
        await storage.purchases.add(closed(f"p{n}", updated_at=NOON - n * MINUTE))

    assert await abandoned(storage, limit=3) == [NOON - n * MINUTE for n in range(3)]
    assert len(await abandoned(storage)) == 4


async def test_all_buyers_are_told_of_in_one_look(storage: Storage) -> None:
    rows = [closed(reason.value, reason=reason) for reason in ClosedReason]
    rows += [
        closed("hers", buyer=GRACE),
        closed("chess", program_id=CHESS),
        closed("chess2", program_id=CHESS, reason=ClosedReason.EXPIRED),
        closed("plain", quote=PLAIN),
        closed("pageless", session=None),
        closed("late", extra_payments=(extra_payment(),)),
        purchase("open", status=Status.PENDING, program_id=CHESS),
    ]
    for row in rows:
        await storage.purchases.add(replace(row, updated_at=NOON))
    await storage.purchases.add(closed("then", updated_at=NOON - MINUTE))

    found = await storage.purchases.abandoned_since(NOON - MINUTE, limit=9)

    assert found is not None
    assert Counter(found) == {(ADA, CHOIR): 2, (ADA, CHESS): 2, (GRACE, CHOIR): 1}


async def test_too_many_to_look_at_are_not_told_of(storage: Storage) -> None:
    for n in range(3):
        await storage.purchases.add(closed(f"p{n}", reason=ClosedReason.EXPIRED))

    since = storage.purchases.abandoned_since
    found = await since(NOON - HOUR, limit=3)
    assert found is not None
    assert len(found) == 3
    assert await since(NOON - HOUR, limit=2) is None


async def test_what_was_let_go_before_is_left_out(storage: Storage) -> None:
    await storage.purchases.add(closed("then", updated_at=NOON - HOUR))
    await storage.purchases.add(closed("just", updated_at=NOON - HOUR + MINUTE))

    assert await abandoned(storage) == [NOON - HOUR + MINUTE]


async def test_only_what_is_abandoned_counts(storage: Storage) -> None:
    rows = [closed(reason.value, reason=reason) for reason in ClosedReason]
    rows += [
        closed("plain", quote=PLAIN),
        closed("pageless", session=None),
        closed("late", extra_payments=(extra_payment(),)),
        closed("hers", buyer=GRACE),
        closed("chess", program_id=CHESS),
        purchase("open", status=Status.PENDING),
    ]
    for n, row in enumerate(rows):
        await storage.purchases.add(replace(row, updated_at=NOON + n * MINUTE))

    counted = [ClosedReason.CANCELLED, ClosedReason.EXPIRED]
    places = [n for n, row in enumerate(rows[:6]) if row.closed_reason in counted]
    assert await abandoned(storage) == [NOON + n * MINUTE for n in places[::-1]]
    assert len(await abandoned(storage, program=CHESS)) == 1
    assert await abandoned(storage, buyer=GRACE, program=CHESS) == []
