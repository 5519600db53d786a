"""A newer version writes fields that this one does not know; none may get lost."""

from dataclasses import replace
from typing import Any

from domain.disputes import Dispute, DisputeState
from domain.ids import PurchaseId
from domain.purchase import PaymentMethod, Status
from domain.refunds import Refund, RefundState
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
    notice,
    open_session,
    program,
    purchase,
    usd,
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


async def test_no_swap_strips_newer_money(mongo: Mongo) -> None:
    rows = tuple(
        Refund(id=id_, amount=usd(10), reason="r", by="buyer") for id_ in ("r0", "r1")
    )
    dispute = Dispute(
        id="dp", state=DisputeState.WARNING_CLOSED, amount=usd(10), opened_at=NOON
    )
    before = purchase(
        status=Status.COMPLETED,
        paid=complete().payment,
        refunds=rows,
        extra_payments=(extra_payment(),),
        dispute=dispute,
        notices=(notice(),),
    )
    await mongo.purchases.add(before)
    parts = (
        "refunds.0.",
        "refunds.1.",
        "extra_payments.0.",
        "dispute.",
        "effects.notices.0.",
    )
    await add_novelties(mongo, "purchases", ONE, *parts)

    after = replace(
        before,
        refunds=(rows[0], rows[1].moved_to(RefundState.DONE), replace(rows[0], id="x")),
        extra_payments=(before.extra_payments[0].refused(),),
        dispute=replace(dispute, state=DisputeState.LOST),
        notices=(notice(), notice(place=1)),
    )
    assert await mongo.purchases.swap_money(before, after, at=NOON, by="test")

    assert novelties(await mongo.row("purchases", ONE)) == 1 + len(parts)
    assert (await mongo.purchases.get(ONE)).refunds == after.refunds


async def test_money_that_an_older_version_stored_moves(mongo: Mongo) -> None:
    before = purchase(status=Status.COMPLETED, paid=complete().payment)
    await mongo.purchases.add(before)
    absent = dict.fromkeys(("money_rev", "refunds", "extra_payments", "effects"), "")
    await mongo.rows("purchases").update_one({"_id": ONE}, {"$unset": absent})
    row = Refund(id="r", amount=usd(10), reason="r", by="buyer")
    after = replace(before, refunds=(row,), notices=(notice(),))

    assert await mongo.purchases.swap_money(before, after, at=NOON, by="test")

    stored = await mongo.purchases.get(ONE)
    assert (stored.refunds, stored.money_revision) == ((row,), 1)
    assert [each.id for each in await mongo.outbox.due(at=NOON, limit=5)] == [ONE]
    log = (await mongo.row("purchases", ONE)).get("log", [])
    assert log == []


async def test_a_swap_that_ends_a_purchase_is_logged(mongo: Mongo) -> None:
    before = purchase(status=Status.COMPLETED, paid=complete().payment)
    await mongo.purchases.add(before)

    after = replace(before, status=Status.REFUNDED)
    assert await mongo.purchases.swap_money(before, after, at=NOON, by="evt_1")

    row = await mongo.row("purchases", ONE)
    assert "live" not in row
    (entry,) = row["log"]
    assert (entry["from"], entry["to"], entry["by"]) == (
        ["completed"],
        "refunded",
        "evt_1",
    )


async def test_no_swap_strips_a_newer_mail(mongo: Mongo) -> None:
    await mongo.purchases.add(purchase(confirmation=mail()))
    await add_novelties(mongo, "purchases", ONE, "effects.confirm.")
    leased = mail().lease(by="worker", until=NOON + MINUTE)

    assert await mongo.outbox.swap(ONE, mail(), leased)
    assert await mongo.outbox.swap(ONE, leased, leased.sent())

    assert novelties(await mongo.row("purchases", ONE)) == 2


async def test_no_swap_strips_a_newer_notice(mongo: Mongo) -> None:
    await mongo.purchases.add(purchase(notices=(notice(),)))
    await add_novelties(mongo, "purchases", ONE, "effects.notices.0.")
    leased = notice().lease(by="worker", until=NOON + MINUTE)

    assert await mongo.outbox.swap(ONE, notice(), leased)
    assert await mongo.outbox.swap(ONE, leased, leased.sent())

    assert novelties(await mongo.row("purchases", ONE)) == 2


async def test_no_write_strips_a_newer_program(mongo: Mongo) -> None:
    await mongo.programs.add(program(limit=1))
    await add_novelties(mongo, "programs", CHOIR)

    await mongo.programs.reserve_spot(CHOIR, ONE, limit=1)
    assert await mongo.programs.release_spot(CHOIR, ONE)
    after = program(limit=2, title="Opera", revision=2)
    assert await mongo.programs.change(program(limit=1), after, drain=False)

    assert novelties(await mongo.row("programs", CHOIR)) == 1
    assert await mongo.programs.get(CHOIR) == after


async def test_a_program_of_before_pauses_is_for_sale(mongo: Mongo) -> None:
    await mongo.programs.add(program())
    await mongo.rows("programs").update_one({"_id": CHOIR}, {"$unset": {"paused": ""}})

    assert await mongo.programs.get(CHOIR) == program()
