from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from domain.disputes import Dispute, DisputeState
from domain.ids import BuyerId, SessionId
from domain.ledger import PaymentRecord, RefundRecord, Sum
from domain.orphans import Orphan, OrphanReason
from domain.purchase import Payment, Purchase, Status
from domain.refunds import Refund, RefundState
from tests.contracts.examples import (
    MINUTE,
    NOON,
    SECOND,
    extra_payment,
    paid_session,
    purchase,
    usd,
)
from tests.contracts.storage import Storage

TOMORROW = NOON + timedelta(days=1)


def orphan(name: str = "lost", *, at: datetime = NOON) -> Orphan:
    return Orphan.found(
        paid_session(f"cs_{name}", payment_intent=f"pi_{name}"),
        reason=OrphanReason.UNKNOWN_PURCHASE,
        event_id=None,
        at=at,
    )


ORPHAN = orphan()


def completed(name: str = "one", *, at: datetime = NOON, **changes: Any) -> Purchase:
    paid = Payment(
        session_id=SessionId(f"cs_{name}"),
        payment_intent=f"pi_{name}",
        amount=usd(150_000),
    )
    facts: dict[str, Any] = {
        "status": Status.COMPLETED,
        "paid": paid,
        "completed_at": at,
        "updated_at": at,
    }
    return replace(purchase(name, buyer=BuyerId(name), at=at), **facts | changes)


async def changed(
    storage: Storage, since: datetime = NOON, until: datetime = TOMORROW
) -> list[PaymentRecord]:
    found = storage.payment_records.changed(since, until)
    return [record async for record in found]


async def names(
    storage: Storage, since: datetime = NOON, until: datetime = TOMORROW
) -> list[str]:
    return sorted(r.payment_intent for r in await changed(storage, since, until))


async def test_a_payment_is_told_with_its_refunds_and_its_dispute(
    storage: Storage,
) -> None:
    refund = Refund(id="rf_1", amount=usd(500), reason="r", by="buyer")
    sent = replace(refund, id="rf_2", state=RefundState.DONE, stripe_id="re_2")
    dispute = Dispute(
        id="dp_1", state=DisputeState.LOST, amount=usd(900), opened_at=NOON
    )
    row = completed(refunds=(refund, sent), dispute=dispute)
    await storage.purchases.add(row)

    found = await storage.payment_records.of_payments(["pi_one", "pi_other"])

    record = PaymentRecord(
        payment_intent="pi_one",
        paid=Sum(amount=150_000, currency="usd"),
        purchase_id=row.id,
        refunds=(RefundRecord(id="re_2", amount=500, state=RefundState.DONE),),
        dispute=dispute,
    )
    assert found == {"pi_one": record}
    assert await changed(storage) == [record]


async def test_an_extra_payment_is_told_beside_the_purchases_own(
    storage: Storage,
) -> None:
    await storage.purchases.add(completed(extra_payments=(extra_payment(),)))

    asked = await storage.payment_records.of_payments(["pi_cs_late"])

    assert list(asked) == ["pi_cs_late"]
    assert asked["pi_cs_late"].is_owed_back
    assert await names(storage) == ["pi_cs_late", "pi_one"]


async def test_an_orphan_is_told_as_money_that_is_owed_back(storage: Storage) -> None:
    await storage.orphans.record(ORPHAN)

    found = await storage.payment_records.of_payments(["pi_lost"])

    assert found["pi_lost"].is_owed_back
    assert found["pi_lost"].purchase_id == ORPHAN.session.purchase_id
    assert await names(storage) == ["pi_lost"]


async def test_nothing_is_said_of_what_nobody_named(storage: Storage) -> None:
    await storage.purchases.add(completed())

    assert await storage.payment_records.of_payments([]) == {}
    assert await storage.payment_records.of_payments(["pi_on"]) == {}


async def test_only_what_changed_in_that_time_is_told(storage: Storage) -> None:
    moments = {
        "before": NOON - SECOND,
        "first": NOON,
        "last": TOMORROW - SECOND,
        "after": TOMORROW,
    }
    for name, at in moments.items():
        await storage.purchases.add(completed(name, at=at))
        await storage.orphans.record(orphan(f"orphan_{name}", at=at))

    assert await names(storage) == [
        "pi_first",
        "pi_last",
        "pi_orphan_first",
        "pi_orphan_last",
    ]


async def test_whatever_became_of_a_purchase_its_money_is_told(
    storage: Storage,
) -> None:
    late = extra_payment("cs_closed")
    closed = replace(
        purchase("closed", buyer=BuyerId("closed")),
        status=Status.CLOSED,
        extra_payments=(late,),
    )
    abandoned = replace(
        purchase("abandoned", buyer=BuyerId("abandoned")), status=Status.CLOSED
    )
    rows = [
        completed(s.value, status=s) for s in Status if s.value.startswith("refund")
    ]
    for row in (closed, abandoned, *rows):
        await storage.purchases.add(row)

    assert await names(storage) == ["pi_cs_closed", "pi_refunded", "pi_refunding"]


async def test_all_are_told_though_many_changed_in_the_same_moment(
    storage: Storage,
) -> None:
    together = {f"t{n:03}" for n in range(105)}
    for name in together:
        await storage.purchases.add(completed(name))
    later = {f"u{n:03}" for n in range(20)}
    for at, name in enumerate(sorted(later)):
        await storage.purchases.add(completed(name, at=NOON + at // 3 * MINUTE))

    assert await names(storage) == sorted(f"pi_{name}" for name in together | later)
