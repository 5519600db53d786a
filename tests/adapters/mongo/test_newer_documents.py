"""A newer version writes fields that this one does not know; none may get lost."""

from typing import Any

from domain.ids import PurchaseId
from domain.purchase import PaymentMethod, Status
from domain.transitions import BeginClosing, MarkReserved, OpenForPayment, Transition
from tests.adapters.mongo.conftest import Mongo
from tests.contracts.examples import (
    CHOIR,
    MINUTE,
    NOON,
    close,
    complete,
    extra_payment,
    mail,
    open_session,
    program,
    purchase,
)

ONE = PurchaseId("one")
NEW = {"novel": {"by": "a newer version"}}


async def add_novelties(mongo: Mongo, collection: str, id_: str, *paths: str) -> None:
    novelties = {f"{path}novel": NEW["novel"] for path in ("", *paths)}
    await mongo.rows(collection).update_one({"_id": id_}, {"$set": novelties})


def novelties(value: Any) -> int:
    """Count the novelties, however deep they are."""
    match value:
        case dict():
            own = int(value.get("novel") == NEW["novel"])
            return own + sum(map(novelties, value.values()))
        case list():
            return sum(map(novelties, value))
    return 0


async def test_no_write_strips_a_newer_purchase(mongo: Mongo) -> None:
    await mongo.purchases.add(purchase(payment_method=PaymentMethod(type="card")))
    parts = ("buyer.", "program.", "quote.", "effects.", "payment_method.")
    await add_novelties(mongo, "purchases", ONE, *parts)
    steps: list[Transition] = [
        MarkReserved(),
        OpenForPayment(session=open_session()),
        complete(),
    ]

    for step in steps:
        await mongo.purchases.note_processing(ONE, at=NOON)
        assert await mongo.purchases.change(ONE, step, at=NOON, by="test")
    await mongo.purchases.note_payment_method(ONE, PaymentMethod(type="link"))
    await mongo.purchases.note_extra_payment(ONE, extra_payment(), at=NOON)
    await mongo.purchases.claim_look(ONE, at=NOON, not_since=NOON)
    await mongo.purchases.note_drive_failure(ONE)

    assert novelties(await mongo.row("purchases", ONE)) == 1 + len(parts)
    assert (await mongo.purchases.get(ONE)).status is Status.COMPLETED


async def test_no_write_strips_a_newer_purchase_that_ends(mongo: Mongo) -> None:
    pending = purchase(status=Status.PENDING, session=open_session())
    await mongo.purchases.add(pending)
    await add_novelties(mongo, "purchases", ONE, "session.")

    for step in (BeginClosing(reason=close().reason), close()):
        assert await mongo.purchases.change(ONE, step, at=NOON, by="test")

    assert novelties(await mongo.row("purchases", ONE)) == 2


async def test_no_swap_strips_a_newer_mail(mongo: Mongo) -> None:
    await mongo.purchases.add(purchase(confirmation=mail()))
    await add_novelties(mongo, "purchases", ONE, "effects.confirm.")
    leased = mail().lease(by="worker", until=NOON + MINUTE)

    assert await mongo.outbox.swap(ONE, mail(), leased)
    assert await mongo.outbox.swap(ONE, leased, leased.sent())

    assert novelties(await mongo.row("purchases", ONE)) == 2


async def test_no_write_strips_a_newer_program(mongo: Mongo) -> None:
    await mongo.programs.add(program(limit=1))
    await add_novelties(mongo, "programs", CHOIR)

    await mongo.programs.reserve_spot(CHOIR, ONE, limit=1)
    assert await mongo.programs.release_spot(CHOIR, ONE)

    assert novelties(await mongo.row("programs", CHOIR)) == 1
    assert await mongo.programs.get(CHOIR) == program(limit=1)
