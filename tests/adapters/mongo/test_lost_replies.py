"""The server did it, and its reply is lost on the way: the wire's unknown outcome.

The driver repeats by itself what it may.  Whether it did or not, the caller asks again,
and there is one row, one spot, one change.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from adapters.mongo.connection import connected, mongo_client
from adapters.mongo.programs import MongoProgramRepository
from adapters.mongo.purchases import MongoPurchaseRepository
from application.ports.purchases import LivePurchaseExists
from application.ports.storage import StorageUnavailable
from domain.ids import PurchaseId
from domain.purchase import Status
from domain.transitions import MarkReserved
from tests.adapters.mongo.conftest import Mongo
from tests.contracts.examples import CHOIR, NOON, program, purchase
from tests.contracts.storage import UNHURRIED
from tests.servers.proxy import CutOff, Moment, mongo_frame, watched

ONE = PurchaseId("one")
LOSSES = 2  # the driver's own second try loses its reply too


@dataclass
class ReplyLoser:
    """Cuts the connection between the server's answers and the client."""

    command: str
    lost: int = 0
    seen: list[str] = field(default_factory=list)

    async def watch(self, name: str, moment: Moment) -> None:
        if name != self.command:
            return
        if moment is Moment.BEFORE:
            self.seen.append(name)
        elif self.lost < LOSSES:
            self.lost += 1
            raise CutOff


@asynccontextmanager
async def losing_replies_to(
    command: str, mongo_uri: str, database: str
) -> AsyncIterator[ReplyLoser]:
    """Bind the repositories to a connection on which these replies are lost."""
    loser = ReplyLoser(command)
    async with watched(mongo_uri, mongo_frame, loser.watch) as uri:
        client = mongo_client(uri, patience=UNHURRIED)
        async with connected(client, database=database):
            yield loser
            assert loser.lost == LOSSES
            assert len(loser.seen) > LOSSES  # the last one had its answer


async def test_an_insert_whose_reply_was_lost_is_one_row(
    mongo_uri: str, database_name: str
) -> None:
    purchases = MongoPurchaseRepository()
    async with losing_replies_to("insert purchases", mongo_uri, database_name):
        for _ in range(LOSSES + 1):
            with suppress(StorageUnavailable, LivePurchaseExists):
                await purchases.add(purchase())

        assert await purchases.get(ONE) == purchase()
        found = await purchases.page_of(
            purchase().buyer.id, statuses=list(Status), page=1, size=9
        )
        assert found.total == 1


async def test_a_reservation_whose_reply_was_lost_is_one_spot(
    mongo: Mongo, mongo_uri: str, database_name: str
) -> None:
    await mongo.programs.add(program(limit=3))
    programs = MongoProgramRepository()
    async with losing_replies_to("update programs", mongo_uri, database_name):
        for _ in range(LOSSES + 1):
            with suppress(StorageUnavailable):
                await programs.reserve_spot(CHOIR, ONE, limit=3)

    row = await mongo.row("programs", CHOIR)
    assert (row["spots"], row["class_rep_count"]) == ([ONE], 1)


async def test_a_change_whose_reply_was_lost_happened_once(
    mongo: Mongo, mongo_uri: str, database_name: str
) -> None:
    await mongo.purchases.add(purchase())
    purchases = MongoPurchaseRepository()
    told = []
    async with losing_replies_to("update purchases", mongo_uri, database_name):
        for _ in range(LOSSES + 1):
            with suppress(StorageUnavailable):
                told.append(
                    await purchases.change(ONE, MarkReserved(), at=NOON, by="test")
                )
        assert (await purchases.get(ONE)).status is Status.RESERVED

    assert told.count(True) <= 1
    assert len((await mongo.row("purchases", ONE))["log"]) == 1
