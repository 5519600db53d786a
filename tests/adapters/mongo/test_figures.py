"""What one look at everything costs the database."""

from datetime import timedelta

from adapters.in_memory.locks import InMemoryKeyedLock
from adapters.mongo.figures import MongoFigures
from adapters.mongo.hearing import MongoHearing
from adapters.mongo.turns import MongoTurns
from application.take_stock import TakeStock
from domain.purchase import Status
from domain.unsettled_money import Promise
from entrypoints.simulation.outside.clock import ManualClock
from tests.adapters.mongo.conftest import Mongo
from tests.contracts.examples import program, purchase

# One for each status and one more; two for money, four for spots, one for the last
# event and one for what did not come; one each for money without an outcome and
# findings, five for orphans, six for mail.
TRIPS = (len(Status) + 1) + 2 + 4 + 1 + 1 + 2 + 5 + 6


async def test_a_look_at_everything_costs_so_many_trips_and_the_next_none(
    mongo: Mongo,
) -> None:
    take_stock = TakeStock(
        clock=ManualClock(),
        figures=MongoFigures(),
        findings=mongo.findings,
        hearing=MongoHearing(),
        locks=InMemoryKeyedLock(),
        orphans=mongo.orphans,
        outbox=mongo.outbox,
        promise=Promise(ours=timedelta(hours=1)),
        purchases=mongo.purchases,
        turns=MongoTurns(),
    )
    await mongo.purchases.add(purchase())
    mongo.trips.commands.clear()

    stock = await take_stock(days=90)
    await take_stock(days=90)

    assert stock.counts.by_status[Status.CREATING] == 1
    assert len(mongo.trips.commands) == TRIPS, mongo.trips.commands
    assert set(mongo.trips.commands) == {"find", "aggregate"}


async def test_an_odd_program_hides_no_other(mongo: Mongo) -> None:
    await mongo.programs.add(program())
    await mongo.rows("programs").insert_one({"_id": "odd", "active": True})

    spots = await MongoFigures().spots(limit=9)

    assert {each.title for each in spots} == {"odd", "Choir"}
