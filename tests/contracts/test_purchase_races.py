"""Of any number of callers one is told yes, by every adapter that can be raced."""

import asyncio
from collections import Counter

from application.ports.purchases import LivePurchaseExists, Noted
from domain.ids import PurchaseId
from domain.purchase import ClosedReason, Status
from domain.transitions import MarkReserved, close_before_payment
from tests.contracts.examples import (
    ADA,
    CHOIR,
    MINUTE,
    NOON,
    extra_payment,
    purchase,
)
from tests.contracts.storage import NEVER_YIELDS, Storage, beyond_mongomock

ONE = PurchaseId("one")
CANCEL = close_before_payment(ClosedReason.CANCELLED)


@beyond_mongomock(NEVER_YIELDS)
async def test_a_hundred_clicks_store_one_purchase(storage: Storage) -> None:
    clicks = [purchase(f"click-{n}") for n in range(100)]

    ends = await asyncio.gather(
        *(storage.purchases.add(click) for click in clicks), return_exceptions=True
    )

    assert Counter(map(type, ends)) == {type(None): 1, LivePurchaseExists: 99}
    live = await storage.purchases.find_live(buyer_id=ADA, program_id=CHOIR)
    assert live == clicks[ends.index(None)]


@beyond_mongomock(NEVER_YIELDS)
async def test_the_same_purchase_may_be_stored_by_many(storage: Storage) -> None:
    ends = await asyncio.gather(
        *(storage.purchases.add(purchase()) for _ in range(50)), return_exceptions=True
    )

    assert None in ends
    assert set(map(type, ends)) <= {type(None), LivePurchaseExists}
    assert await storage.purchases.get(ONE) == purchase()


@beyond_mongomock(NEVER_YIELDS)
async def test_a_hundred_workers_make_one_change(storage: Storage) -> None:
    await storage.purchases.add(purchase())

    told = await asyncio.gather(
        *(
            storage.purchases.change(ONE, MarkReserved(), at=NOON, by=f"worker-{n}")
            for n in range(100)
        )
    )

    assert told.count(True) == 1


@beyond_mongomock(NEVER_YIELDS)
async def test_of_two_changes_that_exclude_each_other_one_happens(
    storage: Storage,
) -> None:
    await storage.purchases.add(purchase())

    told = await asyncio.gather(
        *(
            storage.purchases.change(ONE, step, at=NOON, by="worker")
            for _ in range(25)
            for step in (MarkReserved(), CANCEL)
        )
    )

    assert told.count(True) == 1
    reached = Status.CLOSED if told.index(True) % 2 else Status.RESERVED
    assert (await storage.purchases.get(ONE)).status is reached


@beyond_mongomock(NEVER_YIELDS)
async def test_an_extra_payment_told_many_times_is_noted_once(storage: Storage) -> None:
    await storage.purchases.add(purchase())

    noted = await asyncio.gather(
        *(
            storage.purchases.note_extra_payment(ONE, extra_payment(), at=NOON)
            for _ in range(50)
        )
    )

    assert Counter(noted) == {Noted.NEW: 1, Noted.BEFORE: 49}
    assert (await storage.purchases.get(ONE)).extra_payments == (extra_payment(),)


@beyond_mongomock(NEVER_YIELDS)
async def test_racing_extra_payments_find_room_for_five(storage: Storage) -> None:
    await storage.purchases.add(purchase())
    extras = [extra_payment(f"cs_{n}") for n in range(50)]

    noted = await asyncio.gather(
        *(storage.purchases.note_extra_payment(ONE, one, at=NOON) for one in extras)
    )

    assert Counter(noted) == {Noted.NEW: 5, Noted.NO_ROOM: 45}
    assert len((await storage.purchases.get(ONE)).extra_payments) == 5


@beyond_mongomock(NEVER_YIELDS)
async def test_fifty_lookers_claim_one_look(storage: Storage) -> None:
    await storage.purchases.add(purchase())

    told = await asyncio.gather(
        *(
            storage.purchases.claim_look(ONE, at=NOON, not_since=NOON - MINUTE)
            for _ in range(50)
        )
    )

    assert told.count(True) == 1
