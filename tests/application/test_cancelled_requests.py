"""A request is cancelled at each point of its way: an unknown outcome, no rollback."""

import asyncio

import pytest

from domain.purchase import Status
from tests.application.world import World

POINTS = 14  # before and after each call of a class rep's checkout


@pytest.mark.parametrize("point", range(POINTS))
async def test_a_cancelled_checkout_undoes_nothing_and_is_carried_on(
    point: int,
) -> None:
    world = World()
    way = await moments_of_a_checkout()

    await cancel_at(world, way[point], nth=way[:point].count(way[point]))

    assert world.gate.moments == way[: point + 1]  # nobody tidied up
    assert world.lock.statistics().active == 0
    answer = await world.check_out(as_class_rep=True)
    assert answer.purchase.status is Status.PENDING
    assert world.live == [answer.purchase]
    assert world.sessions_created == 1
    assert world.held() == {answer.purchase.id}


async def moments_of_a_checkout() -> list[str]:
    world = World()
    await world.check_out(as_class_rep=True)
    assert len(world.gate.moments) == POINTS
    return world.gate.moments


async def cancel_at(world: World, moment: str, *, nth: int) -> None:
    """Cancel a checkout when it comes to a moment for the nth time, counted from 0."""
    arrived = asyncio.Event()

    async def pass_by() -> None:
        """Go on: this is not the time."""

    async def hang() -> None:
        arrived.set()
        await asyncio.Event().wait()

    for act in [*[pass_by] * nth, hang]:
        world.gate.once(moment, act)
    clicking = asyncio.ensure_future(world.check_out(as_class_rep=True))
    await arrived.wait()
    clicking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await clicking
