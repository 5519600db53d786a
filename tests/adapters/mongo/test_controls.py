"""Negative controls: without the condition, or the index, the races are lost.

They show that the server and the racers are quick enough for the contract's races to
mean something.  Each does what the adapter does, less one guard.
"""

import asyncio
from collections.abc import Awaitable, Callable

from domain.ids import PurchaseId
from domain.purchase import Status
from domain.transitions import MarkReserved
from tests.adapters.mongo.conftest import Mongo
from tests.contracts.examples import CHOIR, NOON, complete, mail, program, purchase

ONE = PurchaseId("one")


async def told_yes(racers: int, race: Callable[[int], Awaitable[bool]]) -> int:
    """Count who believes to have won."""
    return sum(await asyncio.gather(*(race(n) for n in range(racers))))


async def test_checking_before_taking_oversells(mongo: Mongo) -> None:
    await mongo.programs.add(program(limit=10))
    programs = mongo.rows("programs")

    async def reserve(n: int) -> bool:
        row = await mongo.row("programs", CHOIR)
        if row["class_rep_count"] >= row["class_rep_limit"]:
            return False
        taken = {"$push": {"spots": f"racer-{n}"}, "$inc": {"class_rep_count": 1}}
        return (await programs.update_one({"_id": CHOIR}, taken)).matched_count == 1

    assert await told_yes(200, reserve) > 10
    assert (await mongo.programs.get(CHOIR)).class_rep_count > 10


async def test_checking_before_releasing_frees_more_than_was_held(
    mongo: Mongo,
) -> None:
    await mongo.programs.add(program(limit=10))
    await mongo.programs.reserve_spot(CHOIR, ONE, limit=10)
    programs = mongo.rows("programs")

    async def release(_: int) -> bool:
        row = await mongo.row("programs", CHOIR)
        if ONE not in row["spots"]:
            return False
        freed = {"$pull": {"spots": ONE}, "$inc": {"class_rep_count": -1}}
        return (await programs.update_one({"_id": CHOIR}, freed)).matched_count == 1

    assert await told_yes(50, release) > 1
    assert (await mongo.row("programs", CHOIR))["class_rep_count"] < 0


async def test_without_its_index_one_buyer_buys_twice(mongo: Mongo) -> None:
    await mongo.rows("purchases").drop_index("one_live_purchase")

    await asyncio.gather(
        *(mongo.purchases.add(purchase(f"click-{n}")) for n in range(20))
    )

    assert await mongo.rows("purchases").count_documents({"live": True}) == 20


async def test_looking_before_storing_lets_one_buyer_buy_twice(mongo: Mongo) -> None:
    await mongo.rows("purchases").drop_index("one_live_purchase")

    async def click(n: int) -> bool:
        mine = purchase(f"click-{n}")
        buyer, program = mine.buyer.id, mine.program.id
        if await mongo.purchases.find_live(buyer_id=buyer, program_id=program):
            return False
        await mongo.purchases.add(mine)
        return True

    assert await told_yes(100, click) > 1


async def test_reading_before_changing_lets_two_workers_win(mongo: Mongo) -> None:
    await mongo.purchases.add(purchase())
    purchases = mongo.rows("purchases")

    async def change(_: int) -> bool:
        after = (await mongo.purchases.get(ONE)).status in MarkReserved().sources
        if after:
            await purchases.update_one({"_id": ONE}, {"$set": {"status": "reserved"}})
        return after

    assert await told_yes(100, change) > 1


async def test_reading_before_leasing_sends_a_mail_twice(mongo: Mongo) -> None:
    await mongo.purchases.add(purchase(confirmation=mail()))
    purchases = mongo.rows("purchases")

    async def lease(n: int) -> bool:
        owed = (await mongo.purchases.get(ONE)).confirmation
        if owed != mail():
            return False
        leased = {"effects.confirm.state": "leased", "effects.confirm.by": f"w{n}"}
        await purchases.update_one({"_id": ONE}, {"$set": leased})
        return True

    assert await told_yes(50, lease) > 1


async def test_reading_before_noting_records_a_payment_twice(mongo: Mongo) -> None:
    await mongo.purchases.add(purchase())
    purchases = mongo.rows("purchases")

    async def note(_: int) -> bool:
        if (await mongo.purchases.get(ONE)).extra_payments:
            return False
        row = {"session_id": "cs", "amount": 1, "currency": "usd", "reason": "late"}
        await purchases.update_one({"_id": ONE}, {"$push": {"extra_payments": row}})
        return True

    assert await told_yes(50, note) > 1
    assert len((await mongo.purchases.get(ONE)).extra_payments) > 1


async def test_looking_without_a_claim_asks_twice(mongo: Mongo) -> None:
    await mongo.purchases.add(purchase())
    purchases = mongo.rows("purchases")

    async def look(_: int) -> bool:
        if "looked_at" in await mongo.row("purchases", ONE):
            return False
        await purchases.update_one({"_id": ONE}, {"$set": {"looked_at": NOON}})
        return True

    assert await told_yes(50, look) > 1


async def test_reading_before_asking_refunds_twice(mongo: Mongo) -> None:
    owned = purchase(status=Status.COMPLETED, paid=complete().payment)
    await mongo.purchases.add(owned)
    purchases = mongo.rows("purchases")

    async def ask(n: int) -> bool:
        before = await mongo.purchases.get(ONE)
        if before.refunds:
            return False
        row = {"id": f"r{n}", "amount": 1, "currency": "usd", "reason": "", "by": ""}
        await purchases.update_one({"_id": ONE}, {"$push": {"refunds": row}})
        return True

    assert await told_yes(50, ask) > 1
    assert len((await mongo.purchases.get(ONE)).refunds) > 1
