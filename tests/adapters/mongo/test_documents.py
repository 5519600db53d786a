from dataclasses import fields, replace
from typing import Any
from uuid import uuid4

import pytest
from beanie import Document
from beanie.odm.utils.dump import get_dict
from bson import decode, encode
from bson.codec_options import CodecOptions
from hypothesis import HealthCheck, given, settings
from pydantic import ValidationError

from adapters.mongo.changes import LOG_MAX, PLACES, update_of
from adapters.mongo.documents import (
    DOCUMENTS,
    PurchaseDocument,
    TurnDocument,
    row_of,
)
from adapters.mongo.purchases import ACTS_MAX, to_purchase
from domain.checkout import Payer
from domain.ids import BuyerId, OrderNumber, PurchaseId, SessionId
from domain.orphans import Orphan, OrphanReason
from domain.outbox import MailState
from domain.purchase import Purchase, Status
from domain.refunds import ExtraPaymentState
from domain.transitions import MarkReserved
from tests.adapters.mongo.conftest import Mongo
from tests.adapters.mongo.strategies import purchases
from tests.contracts.examples import (
    NOON,
    act,
    complete,
    every_transition,
    extra_payment,
    mail,
    open_session,
    paid_session,
    purchase,
)

AWARE: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True)


def written(row: Purchase) -> dict[str, Any]:
    """Return what is inserted."""
    return row_of(PurchaseDocument.from_domain(row))


def through_bson(row: dict[str, Any]) -> dict[str, Any]:
    return decode(encode(row), codec_options=AWARE)


@pytest.mark.usefixtures("mongo")  # Beanie makes no document before it is connected
@given(row=purchases)
@settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_any_purchase_is_read_as_it_was_written(row: Purchase) -> None:
    document = PurchaseDocument.from_domain(row)
    by_beanie: dict[str, Any] = get_dict(document, to_db=True, keep_nulls=False)
    assert encode(written(row)) == encode(by_beanie)

    again = to_purchase(through_bson(written(row)))

    assert again == row
    if row.request is not None and again.request is not None:
        assert repr(again.request.parameters) == repr(row.request.parameters)


@given(row=purchases)
@settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_the_server_keeps_any_purchase(mongo: Mongo, row: Purchase) -> None:
    name = uuid4().hex
    session = row.session and replace(row.session, id=SessionId(name))
    row = replace(
        row,
        id=PurchaseId(name),
        order_number=OrderNumber(name),
        buyer=replace(row.buyer, id=BuyerId(name)),
        session=session,
    )

    await mongo.purchases.add(row)

    assert await mongo.purchases.get(row.id) == row


@pytest.mark.usefixtures("mongo")
@pytest.mark.parametrize("status", list(Status))
async def test_live_is_written_only_while_it_is(status: Status) -> None:
    row = written(purchase(status=status))

    is_terminal = status in {Status.CLOSED, Status.REFUNDED}
    assert row.get("live", "absent") == ("absent" if is_terminal else True)


@pytest.mark.usefixtures("mongo")
async def test_what_is_unknown_is_left_out() -> None:
    row = written(purchase())

    assert not {"session", "paid", "payer", "completed_at", "dispute"} & row.keys()
    assert row["effects"] == {"notices": []}
    items = row["stripe_req"]["parameters"]["line_items"]
    assert items[0]["price_data"]["tax"] is None  # the provider's own words stay


async def test_a_change_writes_what_an_insert_would(mongo: Mongo) -> None:
    before = purchase(status=Status.PENDING, session=open_session())
    await mongo.purchases.add(before)

    await mongo.purchases.change(before.id, complete(), at=NOON, by="test")

    stored = await mongo.row("purchases", before.id)
    assert stored.pop("log")
    assert stored == through_bson(written(before.after(complete(), at=NOON)))


@pytest.mark.usefixtures("mongo")
async def test_fields_that_came_later_have_defaults() -> None:
    row = written(
        purchase(confirmation=mail(), extra_payments=(extra_payment(),), session=None)
    )
    for name in ("schema_number", "processing", "refunds"):
        del row[name]
    for name in ("state", "tries"):
        del row["effects"]["confirm"][name]
        del row["extra_payments"][0][name]

    read = to_purchase(row)

    assert read.confirmation is not None
    assert (read.confirmation.state, read.confirmation.tries) == (MailState.DUE, 0)
    assert read.extra_payments[0].state is ExtraPaymentState.DUE
    assert (read.refunds, read.is_processing) == ((), False)


@pytest.mark.parametrize("document", [d for d in DOCUMENTS if d is not TurnDocument])
def test_a_row_that_cannot_be_read_is_not_quoted(document: type[Document]) -> None:
    """The error ends in the log, and the row names a person."""
    with pytest.raises(ValidationError) as error:
        document.model_validate({"_id": "p1", "buyer": {"name": "Ada Lovelace"}})

    assert "Field required" in str(error.value)
    assert "Lovelace" not in str(error.value)


def test_every_fact_of_a_transition_has_its_place() -> None:
    stored = set(PurchaseDocument.model_fields)
    for transition in every_transition("one"):
        for path in update_of(transition, at=NOON, by="test")["$set"]:
            assert path.split(".")[0] in stored
    assert PLACES.keys() <= {field.name for field in fields(Purchase)}


def test_a_fact_that_cannot_be_written_is_refused() -> None:
    class Novel(MarkReserved):
        @property
        def facts(self) -> dict[str, object]:
            return {"dispute": object()}

    with pytest.raises(TypeError, match="may not bring object"):
        update_of(Novel(), at=NOON, by="test")


async def test_a_purchase_logs_its_last_fifty_changes(mongo: Mongo) -> None:
    await mongo.purchases.add(purchase())
    push = update_of(MarkReserved(), at=NOON, by="early")["$push"]
    for _ in range(LOG_MAX):
        await mongo.rows("purchases").update_one({"_id": "one"}, {"$push": push})

    await mongo.purchases.change(PurchaseId("one"), MarkReserved(), at=NOON, by="evt_1")

    log = (await mongo.row("purchases", "one"))["log"]
    assert len(log) == LOG_MAX
    assert log[-1] == {
        "at": NOON,
        "from": ["creating"],
        "to": "reserved",
        "by": "evt_1",
    }


async def test_a_purchase_keeps_the_last_fifty_acts_of_admins(mongo: Mongo) -> None:
    await mongo.purchases.add(purchase())
    for n in range(ACTS_MAX + 1):
        await mongo.purchases.note_act(PurchaseId("one"), act(f"reason {n}"))

    acts = (await mongo.row("purchases", "one"))["acts"]
    assert len(acts) == ACTS_MAX
    assert acts[-1] == {
        "at": NOON,
        "what": "cancel",
        "by": "admin root",
        "why": f"reason {ACTS_MAX}",
    }


async def test_what_is_anonymised_names_nobody_anywhere(mongo: Mongo) -> None:
    who = Payer(name="Ada Lovelace", email="ada@example.com", country="GB")
    lost = Orphan.found(
        replace(paid_session(), purchase_id=PurchaseId("one"), payer=who),
        reason=OrphanReason.NO_ROOM,
        event_id=None,
        at=NOON,
    )
    settled = purchase(status=Status.CLOSED, payer=who)
    await mongo.purchases.add(settled)
    await mongo.orphans.record(lost)

    assert await mongo.purchases.anonymise(settled)
    await mongo.orphans.anonymise(PurchaseId("one"))

    rows = [
        row
        for collection in ("purchases", "orphans")
        async for row in mongo.rows(collection).find()
    ]
    assert len(rows) == 2
    assert rows[0]["stripe_req"]["parameters"] == {}
    assert not any(part in repr(rows) for part in ("Lovelace", "ada@", "GB"))
