"""Invariant I21: what moved at the provider is what our rows say, day by day."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from application.ports.payments import PaymentGatewayUnavailable
from domain.day_ledger import DayLedger, LedgerItem, LedgerLine, Mismatch, day_of
from domain.disputes import DisputeState
from domain.ids import PurchaseId, SessionId
from domain.ledger import MovementKind
from domain.purchase import Purchase
from domain.refunding import RefundStatus
from entrypoints.simulation.outside.clock import NOON, ManualClock
from tests.application.world import World, intent_of, session_of
from tests.examples import ADA, GRACE, a_paid_session

MIDNIGHT = datetime(2026, 3, 3, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
WHOLE = 8_000
TODAY = day_of(NOON)
TOMORROW = TODAY + DAY


async def ledger(world: World, days_later: int = 0) -> DayLedger:
    return await world.service.check_ledger()(TODAY + days_later * DAY)


async def only_item(world: World, days_later: int = 0) -> LedgerItem:
    (item,) = (await ledger(world, days_later)).items
    return item


def usd(ours: int, stripes: int | None = None) -> tuple[LedgerLine, ...]:
    stripes = ours if stripes is None else stripes
    return (LedgerLine(currency="usd", ours=ours, stripes=stripes),)


async def refunded(world: World, purchase: Purchase) -> str:
    """Give it back in full; return the refund's name."""
    await world.ask_refund(purchase)
    await world.drive(purchase)
    (row,) = world.row(purchase).refunds
    assert row.stripe_id is not None
    return row.stripe_id


# --- What is right is equal -----------------------------------------------------


async def test_a_day_of_every_kind_of_money_is_equal() -> None:
    world = World()
    await world.bought(ADA)
    given_back = await world.bought(GRACE)
    await refunded(world, given_back)

    found = await ledger(world)

    assert found == DayLedger(day=TODAY, lines=usd(WHOLE))


async def test_a_refund_that_failed_after_all_is_equal() -> None:
    world = World()
    purchase = await world.bought()
    refund_id = await refunded(world, purchase)
    await world.tell(world.refunds.settle(refund_id, RefundStatus.FAILED))

    found = await ledger(world)

    assert found.is_equal
    assert [line.difference for line in found.lines] == [0]


async def test_a_refund_in_the_dashboard_is_equal_once_we_heard_of_it() -> None:
    world = World()
    purchase = await world.bought()
    report = world.refunds.refund_outside(intent_of(purchase), 500)
    assert (await only_item(world)).subject == report.id

    await world.tell(report)

    assert (await ledger(world)).lines == usd(WHOLE - 500)
    assert (await ledger(world)).is_equal


@pytest.mark.parametrize(
    ("end", "left"), [(DisputeState.LOST, 0), (DisputeState.WON, WHOLE)]
)
async def test_a_dispute_is_equal_however_it_ends(end: DisputeState, left: int) -> None:
    world = World()
    purchase = await world.bought()
    report = world.refunds.dispute(intent_of(purchase))
    await world.tell(report)
    assert (await ledger(world)).is_equal
    await world.tell(world.refunds.move_dispute(report.dispute.id, end))

    found = await ledger(world)

    assert found == DayLedger(day=TODAY, lines=usd(left))


async def test_late_money_is_equal_before_and_after_it_goes_back() -> None:
    world = World()
    answer = await world.check_out()
    await world.cancel(answer.purchase)
    paid = a_paid_session(
        id=session_of(answer.purchase), purchase_id=answer.purchase.id
    )
    await world.tell(world.payments.plant(replace(paid, created_at=NOON)))
    assert (await ledger(world)).lines == usd(WHOLE)

    await world.drive(answer.purchase)

    found = await ledger(world)
    assert found == DayLedger(day=TODAY, lines=usd(0))


async def lost_and_paid(world: World) -> None:
    paid = a_paid_session(purchase_id=PurchaseId("nobody's"))
    await world.tell(world.payments.plant(paid))
    assert world.orphans.stored


async def test_an_orphan_is_equal_before_and_after_it_goes_back() -> None:
    world = World()
    await lost_and_paid(world)
    assert await ledger(world) == DayLedger(day=TODAY, lines=usd(WHOLE))

    world.advance(HOUR)
    await world.service.drive_orphans()()

    assert await ledger(world) == DayLedger(day=TODAY, lines=usd(0))


async def test_an_orphans_refund_that_was_never_made_is_found_and_named() -> None:
    world = World()
    await lost_and_paid(world)
    (orphan,) = world.orphans.stored.values()
    done = orphan.money.done("re_of_nobody")
    world.orphans.stored[orphan.id] = replace(orphan, money=done)

    item = await only_item(world)

    assert item.mismatch is Mismatch.UNKNOWN_TO_STRIPE
    assert (item.kind, item.subject) == (MovementKind.REFUND, "re_of_nobody")


# --- Days and clocks ------------------------------------------------------------


def before_midnight(skew: timedelta = timedelta()) -> World:
    """A minute before midnight, as the provider has it."""
    eve = MIDNIGHT - 60 * SECOND
    return World(clock=ManualClock(eve + skew), provider_clock=ManualClock(eve))


async def paid_at_midnight(world: World, *, heard_after: timedelta) -> Purchase:
    """Pay at the last moment of the day, and hear of it on another."""
    answer = await world.check_out()
    paid = world.payments.pay(session_of(answer.purchase))
    world.clock.advance(heard_after)
    world.payments.clock.advance(heard_after)
    await world.tell(paid)
    return world.row(answer.purchase)


@pytest.mark.parametrize("late", [timedelta(minutes=2), 3 * DAY], ids=str)
async def test_money_counts_on_the_day_on_which_it_moved(late: timedelta) -> None:
    world = before_midnight()
    await paid_at_midnight(world, heard_after=late)
    heard_on = (day_of(world.clock.now()) - TODAY).days

    moved, heard = await ledger(world), await ledger(world, heard_on)

    assert moved == DayLedger(day=TODAY, lines=usd(WHOLE))
    assert heard == DayLedger(day=TODAY + heard_on * DAY)
    assert world.payments.calls["movements_of"] == 1  # it is looked up, not missed


@pytest.mark.parametrize("days", [-2, 2])
async def test_our_clock_may_be_days_off(days: int) -> None:
    world = before_midnight(skew=days * DAY)
    purchase = await paid_at_midnight(world, heard_after=timedelta(minutes=2))
    await refunded(world, purchase)

    found = [await ledger(world, day) for day in range(-3, 4)]

    assert all(each.is_equal for each in found)
    amount = purchase.quote.total.amount
    assert [line.stripes for each in found for line in each.lines] == [amount, -amount]


async def test_a_refund_of_long_ago_is_looked_up_when_its_purchase_changes() -> None:
    world = World()
    purchase = await world.bought()
    await world.tell(world.refunds.refund_outside(intent_of(purchase), 500))
    world.advance(40 * DAY)
    await world.tell(world.refunds.refund_outside(intent_of(purchase), 300))

    assert await ledger(world, 40) == DayLedger(day=TODAY + 40 * DAY, lines=usd(-300))
    assert world.payments.calls["movements_of"] == 1


# --- What is lost is found, and named -------------------------------------------


async def test_a_purchase_that_was_lost_is_found_and_named() -> None:
    world = World()
    purchase = await world.bought()
    refund_id = await refunded(world, purchase)
    del world.store.rows[purchase.id]

    found = await ledger(world)

    assert {(i.mismatch, i.kind, i.purchase_id) for i in found.items} == {
        (Mismatch.UNKNOWN_TO_US, MovementKind.PAYMENT, purchase.id),
        (Mismatch.UNKNOWN_TO_US, MovementKind.REFUND, purchase.id),
    }
    assert {item.payment_intent for item in found.items} == {intent_of(purchase)}
    assert refund_id in {item.subject for item in found.items}


async def test_a_row_of_a_refund_that_was_lost_is_found_and_named() -> None:
    world = World()
    purchase = await world.bought()
    refund_id = await refunded(world, purchase)
    world.store.rows[purchase.id] = replace(world.row(purchase), refunds=())

    item = await only_item(world)

    assert (item.mismatch, item.subject) == (Mismatch.UNKNOWN_TO_US, refund_id)
    assert item.purchase_id == purchase.id
    assert (await ledger(world)).lines == usd(WHOLE, 0)


async def test_a_payment_that_the_provider_does_not_have_is_found_and_named() -> None:
    world = World()
    purchase = await world.bought()
    world.payments.events.clear()
    world.payments.sessions.clear()

    item = await only_item(world)

    assert item.mismatch is Mismatch.UNKNOWN_TO_STRIPE
    assert (item.purchase_id, item.payment_intent) == (
        purchase.id,
        intent_of(purchase),
    )
    assert (await ledger(world)).lines == usd(WHOLE, 0)


async def test_a_refund_that_failed_unheard_is_found_and_named() -> None:
    world = World()
    purchase = await world.bought()
    refund_id = await refunded(world, purchase)
    world.refunds.settle(refund_id, RefundStatus.FAILED)

    item = await only_item(world)

    assert (item.kind, item.subject) == (MovementKind.REFUND_FAILURE, refund_id)
    assert (await ledger(world)).lines == usd(0, WHOLE)


async def test_a_price_that_was_changed_in_our_rows_is_found_and_named() -> None:
    world = World()
    purchase = await world.bought()
    assert purchase.paid is not None
    less = replace(purchase.paid.amount, amount=WHOLE - 1)
    world.store.rows[purchase.id] = replace(
        world.row(purchase), paid=replace(purchase.paid, amount=less)
    )

    item = await only_item(world)

    assert item.mismatch is Mismatch.ANOTHER_SUM
    assert (await ledger(world)).lines == usd(WHOLE - 1, WHOLE)


# --- An account that others share -----------------------------------------------


@pytest.mark.parametrize(
    "mark", [{"app": "another"}, {"environment": "production"}, {"app": None}]
)
async def test_what_is_not_marked_ours_is_none_of_ours(
    mark: dict[str, str | None],
) -> None:
    world = World()
    paid = a_paid_session(id=SessionId("cs_x"), payment_intent="pi_x")
    world.payments.plant(replace(paid, **mark))  # type: ignore[arg-type]
    world.refunds.refund_outside("pi_x", 500)

    assert await ledger(world) == DayLedger(day=TODAY)


# --- Bounds ---------------------------------------------------------------------


async def test_rows_are_asked_for_by_the_hundred() -> None:
    world = World()
    for number in range(205):
        name = f"{number:03}"
        paid = a_paid_session(id=SessionId(f"cs_{name}"), payment_intent=f"pi_{name}")
        world.payments.plant(paid)
    world.gate.forget()

    found = await ledger(world)

    asked = Counter(world.gate.moments)
    assert asked["before records.of_payments"] == 3
    assert asked["before payments.movements"] == 1
    assert len(found.items) + found.items_unnamed == 205


async def test_who_cannot_ask_concludes_nothing() -> None:
    world = World()
    await world.bought()
    world.payments.lose_request("movements")

    with pytest.raises(PaymentGatewayUnavailable):
        await ledger(world)
