"""How admins' looks at purchases reach the database, and what odd rows do to them."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from adapters.mongo.archive import MongoPurchaseArchive
from application.ports.archive import DEPTH_MAX, ArchiveQuery, PurchaseUnreadable
from application.ports.survey import UnreadablePurchase
from domain.ids import PurchaseId
from domain.purchase import Status
from tests.adapters.mongo.conftest import Mongo
from tests.contracts.examples import CHESS, MINUTE, NOON, purchase

ARCHIVE = MongoPurchaseArchive()
Look = Callable[[], Awaitable[Any]]


def page(size: int = 9, **asked: Any) -> Look:
    return lambda: ARCHIVE.page(ArchiveQuery(**asked), page=1, size=size)


# A page costs one trip, counting one more, and a search one for each way to read it.
LOOKS: dict[str, tuple[Look, int]] = {
    "everything": (page(), 1),
    "a full page": (page(1), 2),
    "every filter": (
        page(1, statuses=[Status.PENDING], program_id=CHESS, is_class_rep=True),
        1,
    ),
    "a session": (page(search="cs_1"), 1),
    "a payment": (page(search="pi_1"), 2),
    "completed": (page(statuses=[Status.COMPLETED], refund_failed=False), 2),
    "an address": (page(search="ada@example.com"), 2),
    "an id": (page(search="one"), 10),
    "a name": (page(search="Ada"), 7),
    "one purchase": (lambda: ARCHIVE.file_of(PurchaseId("one")), 1),
}


async def test_a_look_costs_these_trips(mongo: Mongo) -> None:
    await mongo.purchases.add(purchase())
    await mongo.purchases.add(purchase("two", program_id=CHESS, at=NOON + MINUTE))
    seen = {}
    for name, (look, _) in LOOKS.items():
        mongo.trips.commands.clear()
        await look()
        seen[name] = len(mongo.trips.commands)
        assert set(mongo.trips.commands) <= {"find", "aggregate", "count"}

    assert seen == {name: trips for name, (_, trips) in LOOKS.items()}


async def test_a_page_leaves_the_logs_where_they_are(mongo: Mongo) -> None:
    await mongo.purchases.add(purchase())
    mongo.trips.replies.clear()

    await page()()

    assert "'log'" not in repr(mongo.trips.replies)


async def test_an_unreadable_row_hides_no_other(mongo: Mongo) -> None:
    await mongo.purchases.add(purchase())
    await mongo.purchases.add(purchase("odd", program_id=CHESS, at=NOON + MINUTE))
    await mongo.rows("purchases").update_one(
        {"_id": "odd"}, {"$set": {"status": "dreaming"}}
    )

    found = await ARCHIVE.page(ArchiveQuery(), page=1, size=9)

    assert [row.id for row in found.items] == ["odd", "one"]
    assert isinstance(found.items[0], UnreadablePurchase)
    assert found.total == 2
    with pytest.raises(PurchaseUnreadable):
        await ARCHIVE.file_of(PurchaseId("odd"))


async def test_a_page_beyond_the_depth_asks_for_no_rows(mongo: Mongo) -> None:
    await mongo.purchases.add(purchase())
    mongo.trips.commands.clear()

    found = await ARCHIVE.page(ArchiveQuery(), page=DEPTH_MAX, size=2)

    assert (found.items, found.total) == ((), 1)
    assert mongo.trips.commands == ["count"]  # which reads nothing


async def test_odd_entries_hide_no_purchase(mongo: Mongo) -> None:
    await mongo.purchases.add(purchase())
    good = {"at": NOON, "from": ["creating"], "to": "dreaming", "by": "x", "new": 1}
    act = {"at": NOON, "what": "nod", "by": "root", "why": "why", "ticket": 7}
    rows: dict[str, Any] = {
        "log": [good, {"to": "closed"}, 5, {"at": NOON}],
        "acts": [act, {"what": "cancel"}, None],
    }
    await mongo.rows("purchases").update_one({"_id": "one"}, {"$set": rows})

    file = await ARCHIVE.file_of(PurchaseId("one"))

    assert [entry.target for entry in file.log] == ["dreaming", ""]
    assert [(act.what, act.by, act.why) for act in file.acts] == [
        ("nod", "root", "why")
    ]
