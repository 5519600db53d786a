import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from application.ports.payments import PaymentGatewayUnavailable
from application.ports.refunds import RefundRefused
from domain.refunding import RefundReport, RefundStatus
from tests.contracts.refund_worlds import (
    P1,
    RefundWorld,
    fake_refund_world,
    paid,
    simulated_refund_world,
)


@pytest.fixture(params=[fake_refund_world, simulated_refund_world])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[RefundWorld]:
    async with request.param() as made:
        yield made


async def refund(
    world: RefundWorld,
    payment_intent: str,
    amount: int | None = None,
    **changes: Any,
) -> RefundReport:
    facts = {"key": "rf:r-1", "purchase_id": P1, "row_id": "r-1"} | changes
    return await world.refunds.create_refund(
        payment_intent=payment_intent, amount=amount, **facts
    )


async def test_a_refund_names_its_purchase_and_its_row(world: RefundWorld) -> None:
    intent = await paid(world)

    made = await refund(world, intent, 30_00)

    assert made.payment_intent == intent
    assert (made.amount, made.currency) == (30_00, "eur")
    assert made.status is RefundStatus.SUCCEEDED
    assert (made.purchase_id, made.row_id) == (P1, "r-1")
    assert (made.app, made.environment) == ("spothold", "test")
    assert abs(made.created_at - world.payments.now()) < timedelta(seconds=30)
    assert await world.refunds.get_refund(made.id) == made


async def test_without_an_amount_it_gives_back_what_is_left(
    world: RefundWorld,
) -> None:
    intent = await paid(world)
    await world.refund_outside(intent, 30_00)

    assert (await refund(world, intent)).amount == 70_00


async def test_asked_again_it_makes_no_other(world: RefundWorld) -> None:
    intent = await paid(world)
    await world.begin_as("pending")
    first = await refund(world, intent, 30_00)
    await world.settle(first.id, RefundStatus.SUCCEEDED)

    assert await refund(world, intent, 30_00) == first  # even "pending"
    assert len(await world.refunds.refunds_of(intent)) == 1


async def test_asked_by_many_at_once_it_makes_one(world: RefundWorld) -> None:
    intent = await paid(world)

    made = await asyncio.gather(*(refund(world, intent, 30_00) for _ in range(5)))

    assert len({report.id for report in made}) == 1
    assert len(await world.refunds.refunds_of(intent)) == 1


async def test_a_key_is_for_one_request(world: RefundWorld) -> None:
    intent = await paid(world)
    await refund(world, intent, 30_00)

    with pytest.raises(PaymentGatewayUnavailable):
        await refund(world, intent, 40_00)


async def test_a_key_is_forgotten_after_a_day(world: RefundWorld) -> None:
    """Why a refund is looked for before it is sent again."""
    intent = await paid(world)
    first = await refund(world, intent, 30_00)
    await world.advance(timedelta(hours=25))

    assert (await refund(world, intent, 30_00)).id != first.id


@pytest.mark.parametrize(
    "status", [RefundStatus.SUCCEEDED, RefundStatus.FAILED, RefundStatus.CANCELED]
)
async def test_a_pending_refund_ends(world: RefundWorld, status: RefundStatus) -> None:
    intent = await paid(world)
    await world.begin_as("pending")
    made = await refund(world, intent)
    assert made.status is RefundStatus.PENDING

    await world.settle(made.id, status)

    assert (await world.refunds.get_refund(made.id)).status is status


async def test_a_refund_that_failed_leaves_it_all_to_give_back(
    world: RefundWorld,
) -> None:
    intent = await paid(world)
    made = await refund(world, intent)
    await world.settle(made.id, RefundStatus.FAILED)

    again = await refund(world, intent, key="rf:r-2", row_id="r-2")

    assert again.amount == 100_00


async def test_nothing_is_given_back_twice(world: RefundWorld) -> None:
    intent = await paid(world)
    await world.refund_outside(intent, 100_00)

    with pytest.raises(RefundRefused) as refusal:
        await refund(world, intent, 100_00)

    assert refusal.value.is_already_refunded


async def test_no_more_than_is_left_is_given_back(world: RefundWorld) -> None:
    intent = await paid(world)
    await world.refund_outside(intent, 30_00)

    with pytest.raises(RefundRefused) as refusal:
        await refund(world, intent, 70_01)

    assert not refusal.value.is_already_refunded


async def test_what_the_bank_took_is_not_given_back(world: RefundWorld) -> None:
    intent = await paid(world)
    await world.charge_back(intent)

    with pytest.raises(RefundRefused) as refusal:
        await refund(world, intent)

    assert refusal.value.reason == "charge_disputed"


async def test_a_refusal_is_kept_under_its_key(world: RefundWorld) -> None:
    """Why the next try goes by another key."""
    intent = await paid(world)
    await world.begin_as("pending")
    await world.refund_outside(intent, 100_00)
    (outside,) = await world.refunds.refunds_of(intent)
    with pytest.raises(RefundRefused):
        await refund(world, intent)
    await world.settle(outside.id, RefundStatus.FAILED)

    with pytest.raises(RefundRefused):
        await refund(world, intent)
    assert (await refund(world, intent, key="rf:r-2")).amount == 100_00


async def test_a_lost_request_leaves_nothing(world: RefundWorld) -> None:
    intent = await paid(world)
    await world.lose_request()

    with pytest.raises(PaymentGatewayUnavailable):
        await refund(world, intent)

    assert list(await world.refunds.refunds_of(intent)) == []


async def test_after_a_lost_answer_the_refund_is_found(world: RefundWorld) -> None:
    intent = await paid(world)
    await world.lose_answer()

    with pytest.raises(PaymentGatewayUnavailable):
        await refund(world, intent)

    (found,) = await world.refunds.refunds_of(intent)
    assert found.row_id == "r-1"
    assert await refund(world, intent) == found


async def test_refunds_from_outside_are_listed_and_name_nobody(
    world: RefundWorld,
) -> None:
    intent = await paid(world)
    await refund(world, intent, 10_00)
    await world.refund_outside(intent, 20_00)

    outside, ours = await world.refunds.refunds_of(intent)

    assert (outside.amount, ours.amount) == (20_00, 10_00)
    assert (outside.row_id, outside.purchase_id, outside.app) == (None, None, None)


async def test_a_payment_names_its_purchase(world: RefundWorld) -> None:
    assert await world.refunds.owner_of(await paid(world)) == P1
