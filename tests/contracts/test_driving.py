"""Which purchases are driven on, by whom, and when again."""

import asyncio
from datetime import datetime

from application.ports.purchases import StuckPurchase
from domain.ids import ProgramId, PurchaseId
from domain.purchase import Purchase, Status
from domain.transitions import MarkReserved
from tests.contracts.examples import CHESS, CHOIR, MINUTE, NOON, program, purchase
from tests.contracts.storage import NEVER_YIELDS, Storage, beyond_mongomock

ONE = PurchaseId("one")
STUCK = StuckPurchase(id=ONE, status=Status.CREATING)
UNSETTLED = {Status.CREATING, Status.RESERVED}


async def stuck(
    storage: Storage, *, before: datetime = NOON, limit: int = 10
) -> list[tuple[PurchaseId, int]]:
    found = await storage.purchases.stuck(
        UNSETTLED, before=before, at=NOON, limit=limit
    )
    return [(each.id, each.failures) for each in found]


def left_at(minutes_ago: int, status: Status = Status.CREATING) -> Purchase:
    name = f"{minutes_ago}-{status}"
    at = NOON - minutes_ago * MINUTE
    return purchase(name, program_id=ProgramId(name), at=at, status=status)


async def test_what_did_not_change_is_stuck_the_oldest_first(storage: Storage) -> None:
    for row in (
        left_at(2),
        left_at(4, Status.RESERVED),
        left_at(3),
        left_at(1),
        left_at(5, Status.COMPLETED),
    ):
        await storage.purchases.add(row)

    before = NOON - 2 * MINUTE
    assert await stuck(storage, before=before) == [
        ("4-reserved", 0),
        ("3-creating", 0),
        ("2-creating", 0),
    ]
    assert await stuck(storage, before=before, limit=1) == [("4-reserved", 0)]


async def test_a_claimed_purchase_hides_until_its_claim_is_over(
    storage: Storage,
) -> None:
    await storage.purchases.add(purchase())
    later = NOON + MINUTE

    assert await storage.purchases.claim_drive(STUCK, at=NOON, until=later)

    assert await stuck(storage) == []
    assert not await storage.purchases.claim_drive(STUCK, at=NOON, until=later)
    found = await storage.purchases.stuck(UNSETTLED, before=NOON, at=later, limit=9)
    assert [each.id for each in found] == [ONE]
    assert await storage.purchases.claim_drive(STUCK, at=later, until=later)


async def test_what_was_claimed_comes_again_in_order_of_due(storage: Storage) -> None:
    for row in (left_at(9), left_at(8), left_at(3, Status.RESERVED), left_at(1)):
        await storage.purchases.add(row)
    for name, minutes_ago in (("9-creating", 2), ("8-creating", 5)):
        claimed = StuckPurchase(id=PurchaseId(name), status=Status.CREATING)
        until = NOON - minutes_ago * MINUTE
        await storage.purchases.claim_drive(claimed, at=until - MINUTE, until=until)

    in_order = ["8-creating", "3-reserved", "9-creating", "1-creating"]
    assert [id_ for id_, _ in await stuck(storage)] == in_order
    assert [id_ for id_, _ in await stuck(storage, limit=2)] == in_order[:2]


async def test_what_moved_on_since_it_was_read_is_not_claimed(storage: Storage) -> None:
    await storage.purchases.add(purchase())
    await storage.purchases.change(ONE, MarkReserved(), at=NOON, by="test")

    assert not await storage.purchases.claim_drive(STUCK, at=NOON, until=NOON)


async def test_nobody_claims_or_fails_at_an_unknown_purchase(storage: Storage) -> None:
    await storage.purchases.note_drive_failure(ONE)

    assert not await storage.purchases.claim_drive(STUCK, at=NOON, until=NOON)


async def test_failures_are_counted(storage: Storage) -> None:
    await storage.purchases.add(purchase())

    await storage.purchases.note_drive_failure(ONE)
    await storage.purchases.note_drive_failure(ONE)

    assert await stuck(storage) == [(ONE, 2)]


@beyond_mongomock(NEVER_YIELDS)
async def test_fifty_instances_claim_a_purchase_once(storage: Storage) -> None:
    await storage.purchases.add(purchase())

    told = await asyncio.gather(
        *(
            storage.purchases.claim_drive(STUCK, at=NOON, until=NOON + MINUTE)
            for _ in range(50)
        )
    )

    assert told.count(True) == 1


async def test_programs_with_holders_are_listed_by_id(storage: Storage) -> None:
    for id_ in (CHOIR, CHESS, ProgramId("chalk")):
        await storage.programs.add(program(id_))
    await storage.programs.reserve_spot(CHOIR, ONE, limit=10)
    await storage.programs.reserve_spot(CHESS, ONE, limit=10)
    held = storage.programs.ids_with_holders

    assert await held(after=None, limit=9) == [CHESS, CHOIR]
    assert await held(after=None, limit=1) == [CHESS]
    assert await held(after=CHESS, limit=9) == [CHOIR]
    assert await held(after=CHOIR, limit=9) == []

    await storage.programs.release_spot(CHESS, ONE)
    assert await held(after=None, limit=9) == [CHOIR]
