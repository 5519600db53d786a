"""The ledger's reading: what it costs, and that no odd row stops it."""

from dataclasses import replace

from structlog.testing import capture_logs

from adapters.mongo.ledger_days import MongoLedgerDays
from adapters.mongo.payment_records import MongoPaymentRecords
from domain.day_ledger import DayLedger
from domain.purchase import Purchase
from tests.adapters.mongo.conftest import Mongo
from tests.contracts.examples import NOON
from tests.contracts.test_ledger_days import DAY, UNEQUAL
from tests.contracts.test_payment_records import ORPHAN, TOMORROW, completed

RECORDS = MongoPaymentRecords()
DAYS = MongoLedgerDays()


async def stocked(mongo: Mongo, *purchases: Purchase) -> None:
    for each in purchases:
        await mongo.purchases.add(each)
    await mongo.orphans.record(ORPHAN)
    mongo.trips.commands.clear()


async def changed() -> list[str]:
    found = [record async for record in RECORDS.changed(NOON, TOMORROW)]
    return sorted(record.payment_intent for record in found)


async def test_a_hundred_payments_are_looked_up_in_three_trips(mongo: Mongo) -> None:
    await stocked(mongo, completed())

    found = await RECORDS.of_payments(["pi_lost", *(f"pi_{n}" for n in range(99))])

    assert list(found) == ["pi_lost"]
    assert mongo.trips.commands == ["find"] * 3


async def test_a_day_is_read_a_page_at_a_time(mongo: Mongo) -> None:
    await stocked(mongo, completed())

    assert await changed() == ["pi_lost", "pi_one"]

    statuses_and_orphans = 5
    pages_that_were_not_empty = 2
    trips = statuses_and_orphans + pages_that_were_not_empty
    assert mongo.trips.commands == ["find"] * trips


async def test_a_day_is_stored_and_found_in_one_trip_each(mongo: Mongo) -> None:
    await DAYS.store(UNEQUAL, at=NOON)
    await DAYS.find(DAY)
    await DAYS.unequal(since=DAY, limit=9)

    assert mongo.trips.commands == ["update", "find", "find"]


async def test_a_purchase_that_cannot_be_read_is_named_and_hides_no_other(
    mongo: Mongo,
) -> None:
    await stocked(mongo, completed("odd"), completed())
    await mongo.rows("purchases").update_one(
        {"_id": "odd"}, {"$set": {"paid.currency": "of a newer version"}}
    )

    with capture_logs() as lines:
        found = await RECORDS.of_payments(["pi_odd", "pi_one"])
        assert await changed() == ["pi_lost", "pi_one"]

    assert list(found) == ["pi_one"]
    assert {line["purchase_id"] for line in lines} == {"odd"}


async def test_an_orphan_that_cannot_be_read_is_named_and_hides_no_other(
    mongo: Mongo,
) -> None:
    await stocked(mongo, completed())
    await mongo.rows("orphans").update_one(
        {"_id": "pi_lost"}, {"$set": {"reason": "of a newer version"}}
    )

    with capture_logs() as lines:
        assert await changed() == ["pi_one"]

    assert [line["orphan"] for line in lines] == ["pi_lost"]


async def test_what_a_newer_version_added_to_a_day_stays(mongo: Mongo) -> None:
    await DAYS.store(UNEQUAL, at=NOON)
    await mongo.rows("ledger_days").update_one(
        {"_id": DAY.isoformat()}, {"$set": {"of_a_newer_version": 1}}
    )

    await DAYS.store(replace(UNEQUAL, items=()), at=NOON)

    assert await DAYS.find(DAY) == DayLedger(
        day=DAY, lines=UNEQUAL.lines, items_unnamed=UNEQUAL.items_unnamed
    )
    assert (await mongo.row("ledger_days", DAY.isoformat()))["of_a_newer_version"] == 1
