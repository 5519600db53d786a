"""One row that cannot be read hides no other."""

from structlog.testing import capture_logs

from adapters.mongo.findings import MongoFindingRepository
from adapters.mongo.orphans import MongoOrphanRepository
from domain.findings import Finding, FindingKind
from domain.orphans import Orphan, OrphanReason
from tests.adapters.mongo.conftest import Mongo
from tests.contracts.examples import NOON, paid_session


async def test_an_odd_orphan_does_not_hide_the_money_of_others(mongo: Mongo) -> None:
    orphans = MongoOrphanRepository()
    for name in ("odd", "one"):
        session = paid_session(f"cs_{name}", payment_intent=f"pi_{name}")
        await orphans.record(
            Orphan.found(session, reason=OrphanReason.NO_ROOM, event_id=None, at=NOON)
        )
    await mongo.rows("orphans").update_one(
        {"_id": "pi_odd"}, {"$set": {"reason": "of a newer version"}}
    )

    with capture_logs() as lines:
        found = await orphans.open_orphans(limit=10)

    assert [orphan.id for orphan in found] == ["pi_one"]
    assert [(line["log_level"], line["row"]) for line in lines] == [("error", "pi_odd")]


async def test_an_odd_finding_does_not_hide_the_others(mongo: Mongo) -> None:
    findings = MongoFindingRepository()
    odd, one = (Finding.of(FindingKind.LEAKED_SPOT, name) for name in ("odd", "one"))
    for finding in (odd, one):
        await findings.note(finding, at=NOON)
    await mongo.rows("findings").update_one(
        {"_id": odd.id}, {"$set": {"kind": "of a newer version"}}
    )

    with capture_logs() as lines:
        found = await findings.open(limit=10)

    assert [known.finding for known in found] == [one]
    assert [line["row"] for line in lines] == [odd.id]
