"""What somebody began to tell the humans is told, whatever became of who began."""

from datetime import timedelta

import pytest

from application.tell_findings import LEASE, PAUSE
from domain.ids import PurchaseId
from tests.application.test_keep_findings import GHOST, stray_spot, watch
from tests.application.world import World
from tests.examples import CHOIR
from tests.fakes.turnstile import Crash

SECOND = timedelta(seconds=1)
WEEK = timedelta(days=7)
TOLD = ["finding_stray_spot"]


async def die() -> None:
    raise Crash


async def take_over(world: World, *, after: timedelta) -> int:
    world.advance(after)
    other = world.instance(worker="two")
    return await other.differences().take_over_telling()()


async def died_telling(world: World, *, moment: str) -> None:
    await stray_spot(world)
    world.gate.once(moment, die)
    with pytest.raises(Crash):
        await watch(world)


async def test_what_nobody_began_to_tell_is_left_to_whoever_finds_it() -> None:
    world = World()
    await stray_spot(world)
    await watch(world)

    assert await take_over(world, after=LEASE) == 0
    assert world.alerts.codes == TOLD


async def test_whoever_takes_over_has_no_plan_at_hand_and_says_where_one_is() -> None:
    world = World()
    for name in ("one", "two"):
        await world.programs.reserve_spot(CHOIR, PurchaseId(name), limit=10)
    await died_telling(world, moment="before findings.mark_told")

    assert await take_over(world, after=LEASE) == 3

    assert world.alerts.sent[1].facts == world.alerts.sent[0].facts
    assert "--apply" in world.alerts.sent[0].next_step
    assert world.alerts.sent[1].next_step.endswith(
        "To see all, run `spothold reconcile`."
    )


async def test_what_nobody_could_be_told_is_told_when_its_pause_is_over() -> None:
    world = World()
    await stray_spot(world)
    world.alerts.is_deaf = True
    await watch(world)
    assert await take_over(world, after=LEASE) == 0
    world.alerts.is_deaf = False

    assert await take_over(world, after=PAUSE - LEASE - SECOND) == 0
    assert len(world.alerts.undelivered) == 1
    assert await take_over(world, after=SECOND) == 1
    assert await take_over(world, after=PAUSE) == 0
    assert world.alerts.codes == TOLD


async def test_whoever_died_putting_it_off_leaves_it_to_the_next() -> None:
    world = World()
    world.alerts.is_deaf = True
    await died_telling(world, moment="before findings.put_off_telling")
    world.alerts.is_deaf = False

    assert await take_over(world, after=LEASE) == 1
    assert world.alerts.codes == TOLD


async def test_what_is_gone_meanwhile_is_not_told() -> None:
    world = World()
    await died_telling(world, moment="after findings.claim_telling")
    await world.programs.release_spot(CHOIR, GHOST)
    await watch(world)

    assert await take_over(world, after=LEASE) == 0
    assert world.alerts.codes == []


async def test_what_needs_no_telling_any_more_is_let_be() -> None:
    """It stays in nobody's way, and is told again when it is time."""
    world = World()
    await stray_spot(world)
    await watch(world)
    (known,) = await world.findings.open(limit=1)
    at = world.clock.now()
    await world.findings.claim_telling(known, at=at, until=at + LEASE)

    assert await take_over(world, after=LEASE) == 0
    assert await world.findings.left_untold(at=at + WEEK, limit=1) == []
    await watch(world, after=WEEK)
    assert world.alerts.codes == TOLD * 2


async def test_who_was_taken_over_marks_nothing() -> None:
    """Another tells something worse by then, and may die of it, too."""
    world = World()
    await stray_spot(world)

    async def linger() -> None:
        world.gate.once("before findings.mark_told", die)
        with pytest.raises(Crash):
            await take_over(world, after=LEASE)

    world.gate.once("before findings.mark_told", linger)
    await watch(world)

    assert await take_over(world, after=LEASE) == 1
    assert world.alerts.codes == TOLD * 3
