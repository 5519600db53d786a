"""Every query has an index, and reads no more of it than it returns.

A tour of all calls of the adapters shows each shape of query there is; whoever adds one
that grows with the data is told here, and says in `GROWING` why it may.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import pytest

from adapters.mongo.archive import MongoPurchaseArchive
from adapters.mongo.audit import MongoAuditLog
from adapters.mongo.figures import MongoFigures
from adapters.mongo.idempotency import MongoIdempotencyKeys
from adapters.mongo.payment_records import MongoPaymentRecords
from adapters.mongo.trail import MongoTrail
from application.ports.archive import ArchiveQuery
from domain.ids import BuyerId, PurchaseId
from domain.purchase import Status
from tests.adapters.mongo.conftest import Mongo
from tests.adapters.mongo.shapes import (
    Shape,
    is_bounded,
    is_led,
    is_one_stretch,
    shapes_of,
)
from tests.adapters.mongo.test_trips import CALLS, Call, stocked
from tests.contracts.examples import ADA, CHOIR, NOON, purchase

__all__ = ["stocked"]

DAY: Final = timedelta(days=1)
ARCHIVE: Final = MongoPurchaseArchive()
FIGURES: Final = MongoFigures()
RECORDS: Final = MongoPaymentRecords()


def looked_for(**asked: Any) -> Call:
    return lambda _: ARCHIVE.page(ArchiveQuery(**asked), page=1, size=1)


async def records_of_a_day(_: Mongo) -> None:
    async for _record in RECORDS.changed(NOON, NOON + DAY):
        pass


# Whatever `CALLS` leaves out.
MORE: Final[Mapping[str, Call]] = {
    "abandoned_at": lambda m: m.purchases.abandoned_at(
        buyer_id=ADA, program_id=CHOIR, since=NOON, limit=3
    ),
    "a day's records": records_of_a_day,
    "records of payments": lambda _: RECORDS.of_payments(["pi_1"]),
    "status counts": lambda _: FIGURES.status_counts(),
    "money by day": lambda _: FIGURES.money_by_day(since=NOON),
    "spots": lambda _: FIGURES.spots(limit=9),
    "everything": looked_for(),
    "of a status": looked_for(statuses=[Status.PENDING]),
    "of two": looked_for(statuses=[Status.PENDING, Status.CLOSED]),
    "refund failed": looked_for(statuses=[Status.COMPLETED], refund_failed=True),
    "refund did not fail": looked_for(statuses=[Status.COMPLETED], refund_failed=False),
    "of a program": looked_for(program_id=CHOIR),
    "of class reps": looked_for(is_class_rep=True),
    "with open money": looked_for(has_open_money=True),
    "troubled": looked_for(is_troubled=True),
    "of a time": looked_for(since=NOON, until=NOON + DAY),
    "a session": looked_for(search="cs_1"),
    "a payment": looked_for(search="pi_1"),
    "an address": looked_for(search="ada@example.com"),
    "a name": looked_for(search="Ada"),
    "one purchase": lambda _: ARCHIVE.file_of(PurchaseId("one")),
    "the audit": lambda _: MongoAuditLog().page(subject=None, page=1, size=9),
    "the audit of one": lambda _: MongoAuditLog().page(subject="x", page=1, size=9),
    "the trail": lambda _: MongoTrail().of(["one"], limit=9),
    "a key": lambda _: MongoIdempotencyKeys().find("key"),
}


# Small, or it would be the trouble and not its cost.
SMALL: Final = {
    "forget payers": "orphans: payments of ours that nobody can name",
    "the page of orphans": "orphans",
    "a day's records": "orphans; of the purchases see below",
    "ids_with_holders": "programs: what is for sale, a few hundred",
    "a page of programs": "programs; a part of a title has no index",
    "a name": "programs; the beginning of a title",
}
GROWING: Final = {
    "a day's records": "once an hour; the index leads to the status, and skips from"
    " claim to claim of the few that reconcile drove to that day",
    "abandoned_at": "one buyer's purchases of one program",
    "the only page": "one buyer's purchases, in the index's order",
    "a full page": "one buyer's purchases, to count them",
    "records of payments": "one or two purchases have a payment, as Stripe names it",
    "paid_by": "the same",
    "live_reps": "as many as the program has spots",
    "paid_spots": "as many as the programs have spots",
    "stuck": "a claim that ended: only what failed before, and waits for its turn",
    "restless": "sorted by id though the index is not: what is owed, or dead mail",
    "the page of events": "events that are held: each is told to a human",
    "a full page of events": "the same",
    "held events": "the same",
    "spots": "who is on the way to pay, of the last half hour",
    "status counts": "keys alone; an admin's figures count all there is",
    "money by day": "the completed and the refunded of a month",
    "of a status": "an admin's: the planner sorts a status or walks by age",
    "of two": "the same",
    "refund failed": "whose money is in trouble: at most a thousand are looked at",
    "refund did not fail": "the same, and a status walked by age",
    "with open money": "whose money is in trouble",
    "troubled": "whose money is in trouble",
    "an address": "one buyer's purchases",
    "a name": "buyers whose names begin so: an admin types enough of it",
}


@pytest.fixture
async def toured(stocked: Mongo) -> Mapping[str, list[Shape]]:
    """Make every call once; return what each asked of the indexes."""
    await stocked.purchases.add(purchase("three", buyer=BuyerId("eve")))
    calls = {name: call for name, (call, _) in CALLS.items()} | dict(MORE)
    seen = {}
    for name, call in calls.items():
        stocked.trips.asked.clear()
        await call(stocked)
        seen[name] = [it for each in stocked.trips.asked for it in shapes_of(each)]
    return seen


async def test_every_query_is_led_by_an_index_and_reads_what_it_returns(
    toured: Mapping[str, list[Shape]],
) -> None:
    lost = {name for name, shapes in toured.items() if not all(map(is_led, shapes))}
    growing = {
        name for name, shapes in toured.items() if not all(map(is_bounded, shapes))
    }

    assert lost == SMALL.keys()
    assert growing - SMALL.keys() == GROWING.keys() - SMALL.keys()


async def test_what_scans_is_small(toured: Mapping[str, list[Shape]]) -> None:
    scanned = {
        shape.collection
        for shapes in toured.values()
        for shape in shapes
        if not is_led(shape)
    }

    assert scanned == {"orphans", "programs"}


async def test_a_look_at_a_programs_reps_reads_nobody_else(
    toured: Mapping[str, list[Shape]],
) -> None:
    """A job makes one for each program, and most of whoever bought is no rep."""
    [look] = toured["live_reps"]

    assert is_one_stretch(look)


@pytest.mark.parametrize(
    "only_if",
    [
        {"program_id": "choir", "live": True},  # partial: not all of them are in it
        {"program_id": "choir", "quote.class_rep": True, "status": "closed"},
        {"program_id": "choir", "quote.class_rep": True, "live": {"$in": [True]}},
    ],
)
def test_more_than_one_stretch_is_told(only_if: Mapping[str, Any]) -> None:
    assert not is_one_stretch(Shape("purchases", only_if, is_few=False))


@pytest.mark.parametrize(
    ("only_if", "sort"),
    [
        ({"quote.amount": 7}, []),  # no index
        ({"live": True}, []),  # only the filter of one
        ({"session.id": {"$exists": True}}, []),
        ({"updated_at": {"$gt": NOON}}, []),  # amid an index
        ({"status": {"$ne": "closed"}}, []),
        ({}, ["updated_at"]),
    ],
)
def test_a_scan_is_told(only_if: Mapping[str, Any], sort: list[str]) -> None:
    assert not is_led(Shape("purchases", only_if, sort, is_few=True))


@pytest.mark.parametrize(
    ("only_if", "sort", "is_few"),
    [
        ({"status": "closed"}, [], False),  # all of them
        ({"status": "closed", "quote.amount": 7}, [], True),  # until it fits
        ({"status": "closed"}, ["created_at"], True),  # sorted first
        ({"user_id": "ada"}, ["_id"], True),  # not in the index's order
        ({"_id": {"$gt": "a"}, "status": "closed"}, ["created_at"], True),
    ],
)
def test_what_reads_more_than_it_returns_is_told(
    only_if: Mapping[str, Any],
    sort: list[str],
    is_few: bool,  # noqa: FBT001 -- a column of the table
) -> None:
    shape = Shape("purchases", only_if, sort, is_few=is_few)

    assert is_led(shape)
    assert not is_bounded(shape)
