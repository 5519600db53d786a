from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from application.ports.payments import PaymentGatewayUnavailable
from domain.disputes import DisputeState
from domain.ids import PurchaseId
from domain.ledger import Movement, MovementKind, Sum
from domain.refunding import RefundReport, RefundStatus
from tests.contracts.refund_worlds import (
    P1,
    PRICE,
    RefundWorld,
    fake_refund_world,
    paid,
    simulated_refund_world,
)

P2 = PurchaseId("p-2")
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
PAYMENT, REFUND = MovementKind.PAYMENT, MovementKind.REFUND
WHOLE = PRICE.amount


@pytest.fixture(params=[fake_refund_world, simulated_refund_world])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[RefundWorld]:
    async with request.param() as made:
        yield made


async def booked(world: RefundWorld) -> list[Movement]:
    """All that moved around now; and that asking by payment says the same."""
    now = world.payments.now()
    moved = [m async for m in world.ledger.movements(now - DAY, now + DAY)]
    for intent in {movement.payment_intent for movement in moved}:
        of_it = await world.ledger.movements_of(intent)
        expected = [m for m in moved if m.payment_intent == intent]
        assert sorted(of_it, key=by_id) == sorted(expected, key=by_id)
    return moved


def by_id(movement: Movement) -> str:
    return movement.id


async def sums(world: RefundWorld) -> list[tuple[str, int]]:
    return sorted((m.kind.value, m.sum.amount) for m in await booked(world))


async def refunded(
    world: RefundWorld, payment_intent: str, amount: int | None = None
) -> RefundReport:
    return await world.refunds.create_refund(
        key="rf:1",
        payment_intent=payment_intent,
        amount=amount,
        purchase_id=P1,
        row_id="rf_1",
    )


async def test_a_payment_moves_and_bears_our_mark(world: RefundWorld) -> None:
    intent = await paid(world)

    (movement,) = await booked(world)

    assert (movement.kind, movement.payment_intent) == (PAYMENT, intent)
    assert movement.sum == Sum(amount=WHOLE, currency="eur")
    mark = (movement.purchase_id, movement.app, movement.environment)
    assert mark == (P1, "spothold", "test")
    assert abs(movement.at - world.payments.now()) < MINUTE


async def test_a_page_that_nobody_paid_moves_nothing(world: RefundWorld) -> None:
    intent = await paid(world)

    assert await world.ledger.movements_of(f"{intent}x") == []
    assert len(await booked(world)) == 1


async def test_our_refund_moves_and_bears_our_mark(world: RefundWorld) -> None:
    intent = await paid(world)
    refund = await refunded(world, intent, 40_00)

    movements = {m.kind: m for m in await booked(world)}

    given = movements[REFUND]
    assert (given.subject, given.payment_intent) == (refund.id, intent)
    assert given.sum == Sum(amount=-40_00, currency="eur")
    assert (given.purchase_id, given.app) == (P1, "spothold")


async def test_a_refund_from_the_dashboard_bears_none(world: RefundWorld) -> None:
    intent = await paid(world)
    await world.refund_outside(intent, 40_00)

    movements = {m.kind: m for m in await booked(world)}

    given = movements[REFUND]
    assert (given.payment_intent, given.sum.amount) == (intent, -40_00)
    assert (given.purchase_id, given.app, given.environment) == (None, None, None)


async def test_a_refund_that_fails_after_it_succeeded_is_taken_back(
    world: RefundWorld,
) -> None:
    refund = await refunded(world, await paid(world))
    await world.settle(refund.id, RefundStatus.FAILED)

    moved = await booked(world)

    (taken_back,) = [m for m in moved if m.kind is MovementKind.REFUND_FAILURE]
    assert (taken_back.subject, taken_back.sum.amount) == (refund.id, WHOLE)
    assert await sums(world) == [
        ("payment", WHOLE),
        ("refund", -WHOLE),
        ("refund_failure", WHOLE),
    ]


@pytest.mark.parametrize("end", [RefundStatus.FAILED, RefundStatus.SUCCEEDED])
async def test_a_pending_refund_moves_when_it_arrives(
    world: RefundWorld, end: RefundStatus
) -> None:
    await world.begin_as("pending")
    refund = await refunded(world, await paid(world))
    assert await sums(world) == [("payment", WHOLE)]

    await world.settle(refund.id, end)

    arrived = [("refund", -WHOLE)] if end is RefundStatus.SUCCEEDED else []
    assert await sums(world) == [("payment", WHOLE), *arrived]


@pytest.mark.parametrize("end", [DisputeState.WON, DisputeState.LOST])
async def test_a_dispute_takes_the_money_until_it_is_won(
    world: RefundWorld, end: DisputeState
) -> None:
    intent = await paid(world)
    await world.charge_back(intent)
    (taken,) = [m for m in await booked(world) if m.kind is MovementKind.DISPUTE]
    assert (taken.payment_intent, taken.sum.amount) == (intent, -WHOLE)

    await world.decide(taken.subject, end)

    back = [("dispute_reversal", WHOLE)] if end is DisputeState.WON else []
    assert await sums(world) == [("dispute", -WHOLE), *back, ("payment", WHOLE)]
    assert {m.subject for m in await booked(world) if m.kind is not PAYMENT} == {
        taken.subject
    }


async def test_only_what_moved_between_the_two_moments_is_listed_latest_first(
    world: RefundWorld,
) -> None:
    intents = []
    for purchase_id in (P1, P2, PurchaseId("p-3")):
        intents.append(await paid(world, purchase_id))
        await world.advance(MINUTE)
    first, second, third = reversed([m.at for m in await booked(world)])

    listed = [m async for m in world.ledger.movements(first, third)]

    assert [m.payment_intent for m in listed] == [intents[1], intents[0]]
    assert listed[0].at == second


async def test_who_cannot_ask_learns_nothing(world: RefundWorld) -> None:
    await paid(world)
    await world.fall_silent()

    with pytest.raises(PaymentGatewayUnavailable):
        await booked(world)
    with pytest.raises(PaymentGatewayUnavailable):
        await world.ledger.movements_of("pi_1")
