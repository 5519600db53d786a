from structlog.testing import capture_logs

from adapters.mongo.outbox import MongoMailOutbox
from domain.ids import BuyerId, PurchaseId
from domain.purchase import Status
from tests.adapters.mongo.conftest import Mongo
from tests.contracts.examples import NOON, mail, purchase


async def test_a_purchase_that_cannot_be_read_is_named_and_stops_no_mail(
    mongo: Mongo,
) -> None:
    for id_ in ("odd", "one"):
        completed = purchase(
            id_, buyer=BuyerId(id_), status=Status.COMPLETED, confirmation=mail()
        )
        await mongo.purchases.add(completed)
    await mongo.rows("purchases").update_one(
        {"_id": "odd"}, {"$set": {"status": "of a newer version"}}
    )

    with capture_logs() as lines:
        found = await MongoMailOutbox().due(at=NOON, limit=10)

    assert [row.id for row in found] == [PurchaseId("one")]
    assert [(line["log_level"], line["purchase_id"]) for line in lines] == [
        ("error", "odd")
    ]
