from datetime import timedelta

from application.ports.metrics import Standing
from tests.application.world import World
from tests.examples import ADA, GRACE

MINUTE = timedelta(minutes=1)


async def watch(world: World) -> tuple[Standing, int]:
    await world.service.watch_mail()()
    assert world.metrics.mail is not None
    return world.metrics.mail


async def test_mail_that_waits_is_counted_until_it_is_sent() -> None:
    world = World()
    await world.bought(ADA)
    world.advance(10 * MINUTE)
    await world.bought(GRACE)
    world.advance(MINUTE)

    assert await watch(world) == (Standing(count=2, oldest=11 * MINUTE), 0)
    await world.deliver_mail()
    assert await watch(world) == (Standing(), 0)


async def test_notices_are_counted_too() -> None:
    world = World()
    bought = await world.bought()
    await world.deliver_mail()
    await world.ask_refund(bought)

    assert (await watch(world))[0].count == 2


async def test_mail_that_waits_for_its_next_try_is_not_overdue() -> None:
    world = World()
    await world.bought()
    world.mailer.refuse(1)
    await world.deliver_mail()

    assert await watch(world) == (Standing(count=1), 0)


async def test_mail_that_was_given_up_is_counted_apart() -> None:
    world = World()
    await world.bought()
    world.mailer.refuse(100)
    for _ in range(12):
        await world.deliver_mail()
        world.advance(timedelta(days=1))

    assert await watch(world) == (Standing(), 1)
