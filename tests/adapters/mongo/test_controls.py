"""Negative controls: without the condition, or the index, every racer wins.

Each does what the adapter does, less one guard, and everybody has read before anybody
writes: a schedule that a busy day will find.  It is the guard, then, and nothing else
that lets the contract's races end with one winner.
"""

import asyncio
from collections.abc import Awaitable, Callable

from domain.ids import PurchaseId
from domain.purchase import Status
from domain.transitions import MarkReserved
from tests.adapters.mongo.conftest import Mongo, Row
from tests.contracts.examples import (
    ADA,
    CHOIR,
    NOON,
    complete,
    mail,
    program,
    purchase,
)

ONE = PurchaseId("one")
RACERS = 50


async def winners(
    reads: Callable[[], Awaitable[bool]], writes: Callable[[int], Awaitable[object]]
) -> int:
    """Count who was told by a reading that they may write."""
    everybody_has_read = asyncio.Barrier(RACERS)

    async def race(n: int) -> bool:
        may_write = await reads()
        await everybody_has_read.wait()
        if may_write:
            await writes(n)
        return may_write

    return sum(await asyncio.gather(*(race(n) for n in range(RACERS))))


async def update(mongo: Mongo, collection: str, id_: str, change: Row) -> None:
    await mongo.rows(collection).update_one({"_id": id_}, change)


async def test_checking_before_taking_oversells(mongo: Mongo) -> None:
    await mongo.programs.add(program(limit=10))

    async def has_a_free_spot() -> bool:
        return (await mongo.programs.get(CHOIR)).has_a_free_spot

    async def take(n: int) -> None:
        taken = {"$push": {"spots": f"racer-{n}"}, "$inc": {"class_rep_count": 1}}
        await update(mongo, "programs", CHOIR, taken)

    assert await winners(has_a_free_spot, take) == RACERS
    assert len(await mongo.programs.spot_holders(CHOIR)) == RACERS
    assert (await mongo.programs.get(CHOIR)).class_rep_count == RACERS


async def test_checking_before_releasing_frees_more_than_was_held(
    mongo: Mongo,
) -> None:
    await mongo.programs.add(program(limit=10))
    await mongo.programs.reserve_spot(CHOIR, ONE, limit=10)

    async def is_held() -> bool:
        return ONE in await mongo.programs.spot_holders(CHOIR)

    async def free(_: int) -> None:
        freed = {"$pull": {"spots": ONE}, "$inc": {"class_rep_count": -1}}
        await update(mongo, "programs", CHOIR, freed)

    assert await winners(is_held, free) == RACERS
    assert (await mongo.programs.get(CHOIR)).class_rep_count == 1 - RACERS


async def test_looking_before_storing_lets_a_buyer_buy_again_without_the_index(
    mongo: Mongo,
) -> None:
    await mongo.rows("purchases").drop_index("one_live_purchase")

    async def has_none() -> bool:
        live = await mongo.purchases.find_live(buyer_id=ADA, program_id=CHOIR)
        return live is None

    async def store(n: int) -> None:
        await mongo.purchases.add(purchase(f"click-{n}"))

    assert await winners(has_none, store) == RACERS
    assert await mongo.rows("purchases").count_documents({"live": True}) == RACERS


async def test_reading_before_changing_lets_all_workers_win(mongo: Mongo) -> None:
    await mongo.purchases.add(purchase())

    async def is_creating() -> bool:
        return (await mongo.purchases.get(ONE)).status in MarkReserved().sources

    async def change(n: int) -> None:
        changed = {"$set": {"status": "reserved"}, "$push": {"log": {"by": n}}}
        await update(mongo, "purchases", ONE, changed)

    assert await winners(is_creating, change) == RACERS
    assert len((await mongo.row("purchases", ONE))["log"]) == RACERS


async def test_reading_before_leasing_sends_a_mail_many_times(mongo: Mongo) -> None:
    await mongo.purchases.add(purchase(confirmation=mail()))

    async def is_due() -> bool:
        return (await mongo.purchases.get(ONE)).confirmation == mail()

    async def lease(n: int) -> None:
        leased = {"effects.confirm.state": "leased", "effects.confirm.by": f"w-{n}"}
        await update(mongo, "purchases", ONE, {"$set": leased})

    assert await winners(is_due, lease) == RACERS


async def test_reading_before_noting_records_a_payment_many_times(
    mongo: Mongo,
) -> None:
    await mongo.purchases.add(purchase())

    async def is_new() -> bool:
        return not (await mongo.purchases.get(ONE)).extra_payments

    async def note(_: int) -> None:
        row = {"session_id": "cs", "amount": 1, "currency": "usd", "reason": "late"}
        await update(mongo, "purchases", ONE, {"$push": {"extra_payments": row}})

    assert await winners(is_new, note) == RACERS
    assert len((await mongo.row("purchases", ONE))["extra_payments"]) == RACERS


async def test_looking_without_a_claim_asks_many_times(mongo: Mongo) -> None:
    await mongo.purchases.add(purchase())

    async def nobody_looked() -> bool:
        return "looked_at" not in await mongo.row("purchases", ONE)

    async def look(_: int) -> None:
        await update(mongo, "purchases", ONE, {"$set": {"looked_at": NOON}})

    assert await winners(nobody_looked, look) == RACERS


async def test_reading_before_asking_refunds_many_times(mongo: Mongo) -> None:
    owned = purchase(status=Status.COMPLETED, paid=complete().payment)
    await mongo.purchases.add(owned)

    async def is_whole() -> bool:
        return not (await mongo.purchases.get(ONE)).refunds

    async def ask(n: int) -> None:
        row = {"id": f"r{n}", "amount": 1, "currency": "usd", "reason": "", "by": ""}
        await update(mongo, "purchases", ONE, {"$push": {"refunds": row}})

    assert await winners(is_whole, ask) == RACERS
    assert len((await mongo.row("purchases", ONE))["refunds"]) == RACERS
