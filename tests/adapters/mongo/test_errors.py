"""What the server's and the network's failures are for a caller."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pymongo
import pytest
from pymongo.errors import OperationFailure

from adapters.mongo.connection import MongoHealth, connected, mongo_client
from adapters.mongo.errors import storage_errors
from application.ports.purchases import StuckPurchase
from application.ports.storage import StorageUnavailable
from domain.ids import OrderNumber, PurchaseId, SessionId
from domain.orphans import Orphan, OrphanReason
from domain.purchase import PaymentMethod, Status
from domain.transitions import MarkReserved
from tests.adapters.mongo.conftest import Fail, Mongo
from tests.contracts.examples import (
    ADA,
    CHESS,
    CHOIR,
    GRACE,
    NOON,
    act,
    extra_payment,
    mail,
    paid_session,
    program,
    purchase,
)

ONE = PurchaseId("one")
LOST = Orphan.found(paid_session(), reason=OrphanReason.NO_ROOM, event_id=None, at=NOON)
STUCK = StuckPurchase(id=ONE, status=Status.CREATING)
BRIEFLY = 0.4  # seconds
EVERYTHING = ["insert", "update", "find", "aggregate", "listIndexes", "buildInfo"]

Call = Callable[[Mongo], Awaitable[Any]]
CALLS: dict[str, Call] = {
    "add": lambda m: m.purchases.add(purchase("new", buyer=GRACE)),
    "get": lambda m: m.purchases.get(ONE),
    "find_live": lambda m: m.purchases.find_live(buyer_id=ADA, program_id=CHOIR),
    "find_by_session": lambda m: m.purchases.find_by_session(SessionId("cs")),
    "terminal_among": lambda m: m.purchases.terminal_among([ONE]),
    "page_of": lambda m: m.purchases.page_of(
        ADA, statuses=list(Status), page=1, size=9
    ),
    "change": lambda m: m.purchases.change(ONE, MarkReserved(), at=NOON, by="test"),
    "note_extra_payment": lambda m: m.purchases.note_extra_payment(
        ONE, extra_payment(), at=NOON
    ),
    "note_processing": lambda m: m.purchases.note_processing(ONE, at=NOON),
    "note_payment_method": lambda m: m.purchases.note_payment_method(
        ONE, PaymentMethod(type="card")
    ),
    "anonymise": lambda m: m.purchases.anonymise(purchase(status=Status.CLOSED)),
    "forget payers": lambda m: m.orphans.anonymise(ONE),
    "note_act": lambda m: m.purchases.note_act(ONE, act()),
    "claim_look": lambda m: m.purchases.claim_look(ONE, at=NOON, not_since=NOON),
    "stuck": lambda m: m.purchases.stuck(
        [Status.CREATING], before=NOON, at=NOON, limit=9
    ),
    "claim_drive": lambda m: m.purchases.claim_drive(STUCK, at=NOON, until=NOON),
    "note_drive_failure": lambda m: m.purchases.note_drive_failure(ONE),
    "due": lambda m: m.outbox.due(at=NOON, limit=5),
    "swap": lambda m: m.outbox.swap(ONE, mail(), mail().sent()),
    "record": lambda m: m.orphans.record(LOST),
    "add program": lambda m: m.programs.add(program(CHESS)),
    "get program": lambda m: m.programs.get(CHOIR),
    "active_page": lambda m: m.programs.active_page(page=1, size=10),
    "reserve_spot": lambda m: m.programs.reserve_spot(CHOIR, ONE, limit=10),
    "release_spot": lambda m: m.programs.release_spot(CHOIR, ONE),
    "ids_with_holders": lambda m: m.programs.ids_with_holders(after=None, limit=9),
    "spot_holders": lambda m: m.programs.spot_holders(CHOIR),
    "health": lambda m: MongoHealth(client=m.client, database=m.database.name).check(),
}


@pytest.mark.parametrize("name", list(CALLS))
async def test_a_server_in_trouble_is_unavailable(
    mongo: Mongo, fail: Fail, name: str
) -> None:
    await mongo.purchases.add(purchase())
    await mongo.programs.add(program())
    await fail("alwaysOn", failCommands=EVERYTHING, errorCode=8000)

    with pytest.raises(StorageUnavailable) as refusal:
        await CALLS[name](mongo)

    assert isinstance(refusal.value.__cause__, OperationFailure)


@pytest.mark.parametrize("name", ["add", "note_extra_payment", "reserve_spot"])
async def test_a_refusal_that_cannot_be_explained_is_unavailable(
    mongo: Mongo, fail: Fail, name: str
) -> None:
    """The write was refused, and the reading that should say why fails."""
    before = purchase(extra_payments=(extra_payment(),))
    same_number = OrderNumber(
        "ORD-new"
    )  # or our own write, of which the answer was lost
    await mongo.purchases.add(replace(before, order_number=same_number))
    await mongo.programs.add(program(limit=1))
    await mongo.programs.reserve_spot(CHOIR, PurchaseId("two"), limit=1)
    await fail("alwaysOn", failCommands=["find"], errorCode=8000)

    with pytest.raises(StorageUnavailable):
        await CALLS[name](mongo)


@pytest.mark.parametrize("code", [13, 50, 64, 8000, 91, 189, 10107, 11600, 14031])
async def test_a_lasting_failure_is_unavailable(
    mongo: Mongo, fail: Fail, code: int
) -> None:
    await fail("alwaysOn", failCommands=["update"], errorCode=code)

    with pytest.raises(StorageUnavailable), pymongo.timeout(BRIEFLY):
        await mongo.purchases.change(ONE, MarkReserved(), at=NOON, by="test")


@pytest.mark.parametrize("code", [2, 9, 14, 40, 66])
async def test_nonsense_is_a_bug_and_not_weather(
    mongo: Mongo, fail: Fail, code: int
) -> None:
    await fail({"times": 1}, failCommands=["update"], errorCode=code)

    with pytest.raises(OperationFailure):
        await mongo.purchases.change(ONE, MarkReserved(), at=NOON, by="test")


async def test_a_write_not_on_enough_disks_has_an_unknown_outcome(
    mongo: Mongo, fail: Fail
) -> None:
    await mongo.purchases.add(purchase())
    await fail(
        {"times": 1},
        failCommands=["update"],
        writeConcernError={"code": 64, "errmsg": "waiting for replication timed out"},
    )

    with pytest.raises(StorageUnavailable):
        await mongo.purchases.change(ONE, MarkReserved(), at=NOON, by="test")

    assert (await mongo.purchases.get(ONE)).status is Status.RESERVED


async def test_a_connection_lost_once_changes_once(mongo: Mongo, fail: Fail) -> None:
    await mongo.purchases.add(purchase())
    await fail({"times": 1}, failCommands=["update"], closeConnection=True)

    assert await mongo.purchases.change(ONE, MarkReserved(), at=NOON, by="test")

    assert len((await mongo.row("purchases", ONE))["log"]) == 1


async def test_a_connection_lost_again_and_again_is_unavailable(
    mongo: Mongo, fail: Fail
) -> None:
    await fail("alwaysOn", failCommands=["update"], closeConnection=True)

    with pytest.raises(StorageUnavailable), pymongo.timeout(BRIEFLY):
        await mongo.purchases.change(ONE, MarkReserved(), at=NOON, by="test")


async def test_a_server_that_takes_too_long_is_unavailable(
    mongo: Mongo, fail: Fail
) -> None:
    await fail(
        "alwaysOn", failCommands=["update"], blockConnection=True, blockTimeMS=2000
    )

    with pytest.raises(StorageUnavailable), pymongo.timeout(BRIEFLY):
        await mongo.purchases.change(ONE, MarkReserved(), at=NOON, by="test")


async def test_a_cancelled_call_stays_cancelled(mongo: Mongo, fail: Fail) -> None:
    await mongo.purchases.add(purchase())
    await fail(
        "alwaysOn", failCommands=["update"], blockConnection=True, blockTimeMS=2000
    )

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await mongo.purchases.change(ONE, MarkReserved(), at=NOON, by="test")


async def test_what_the_driver_cancels_for_itself_is_unavailable() -> None:
    """As when it reads on a connection that another caller had it give up."""
    given_up = asyncio.get_running_loop().create_future()
    given_up.cancel()

    with pytest.raises(StorageUnavailable), storage_errors():
        await given_up


async def test_where_nobody_answers_nothing_starts() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        uri = f"mongodb://127.0.0.1:{silent.getsockname()[1]}"
        client = mongo_client(uri, patience=timedelta(seconds=BRIEFLY))

        with pytest.raises(StorageUnavailable):
            async with connected(client, database="nowhere"):
                pytest.fail("connected to nobody")
