"""An admin's refund in part, asked for again because the answer was lost."""

import asyncio
from contextlib import suppress

import pytest

from application.act_on_purchase import Act, ActCommand
from application.ports.storage import StorageUnavailable
from domain.purchase import Purchase, Status
from domain.refunding import RefundTooLarge
from tests.application.world import World
from tests.fakes.turnstile import Crash

NAME = "5e" * 32
PART = 500

# Where the process may die, or the answer be lost, while a part is given back.
MOMENTS = (
    "after purchases.note_act",
    "before purchases.swap_money",
    "after purchases.swap_money",
    "before refunds.create_refund",
    "after refunds.create_refund",
)


async def give_back(
    world: World, purchase: Purchase, *, name: str | None = NAME, amount: int = PART
) -> Purchase:
    command = ActCommand(
        act=Act.REFUND,
        purchase_id=purchase.id,
        admin="root",
        reason="the buyer called",
        amount=amount,
        name=name,
    )
    return await world.service.act_on_purchase()(command)


def given_back(world: World) -> list[int]:
    return [refund.amount for refund in world.refunds.refunds.values()]


@pytest.mark.parametrize("trouble", [Crash, StorageUnavailable])
@pytest.mark.parametrize("moment", MOMENTS)
async def test_asked_again_it_is_the_same_refund(
    moment: str, trouble: type[BaseException]
) -> None:
    world = World()
    purchase = await world.bought(as_class_rep=True)

    async def fail() -> None:
        raise trouble

    world.gate.once(moment, fail)
    with suppress(Crash, StorageUnavailable):
        await give_back(world, purchase)
    again = await give_back(world, purchase)

    assert given_back(world) == [PART]
    assert [row.amount.amount for row in again.refunds] == [PART]
    assert again.status is Status.COMPLETED


async def test_without_a_name_a_repeat_is_another_refund() -> None:
    """The weakness that the name is for."""
    world = World()
    purchase = await world.bought(as_class_rep=True)

    await give_back(world, purchase, name=None)
    await give_back(world, purchase, name=None)

    assert given_back(world) == [PART, PART]


async def test_many_at_once_are_one_refund() -> None:
    world = World()
    purchase = await world.bought(as_class_rep=True)

    await asyncio.gather(*(give_back(world, purchase) for _ in range(10)))

    assert given_back(world) == [PART]


async def test_asked_again_after_the_rest_went_too_it_is_still_the_same() -> None:
    world = World()
    purchase = await world.bought(as_class_rep=True)
    await give_back(world, purchase)
    await give_back(world, purchase, name="6f" * 32, amount=4_500)

    again = await give_back(world, purchase)

    assert given_back(world) == [PART, 4_500]
    assert again.status is Status.REFUNDED


async def test_a_refusal_is_a_refusal_under_any_name() -> None:
    world = World()
    purchase = await world.bought(as_class_rep=True)

    for _ in range(2):
        with pytest.raises(RefundTooLarge):
            await give_back(world, purchase, amount=5_001)
    assert given_back(world) == []
