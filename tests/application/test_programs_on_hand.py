"""What a process remembers of programs, and when it looks again."""

from datetime import timedelta

import pytest

from application.ports.programs import ProgramNotFound
from application.programs_on_hand import KEPT_FOR, PROGRAMS_MAX, ProgramsOnHand
from domain.ids import ProgramId
from tests.application.world import World
from tests.examples import CHOIR, a_program

A_MOMENT = timedelta(milliseconds=1)


def on_hand(world: World) -> ProgramsOnHand:
    return world.service.programs_on_hand()


async def test_what_was_read_is_known_for_half_a_minute() -> None:
    world = World()
    assert on_hand(world).find(CHOIR) is None

    program = await on_hand(world).read(CHOIR)

    world.advance(KEPT_FOR - A_MOMENT)
    assert on_hand(world).find(CHOIR) == program
    world.advance(A_MOMENT)
    assert on_hand(world).find(CHOIR) is None


@pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(hours=1)])
async def test_a_clock_that_jumps_makes_it_stale(jump: timedelta) -> None:
    world = World()
    await on_hand(world).read(CHOIR)

    world.clock.at += jump

    assert on_hand(world).find(CHOIR) is None


async def test_a_slow_reading_is_as_old_as_its_beginning() -> None:
    world = World()

    async def dawdle() -> None:
        world.advance(KEPT_FOR)

    world.gate.once("after programs.get", dawdle)
    await on_hand(world).read(CHOIR)

    assert on_hand(world).find(CHOIR) is None


async def test_what_was_forgotten_during_a_reading_is_not_kept() -> None:
    world = World()

    async def change() -> None:
        on_hand(world).forget(CHOIR)

    world.gate.once("after programs.get", change)
    await on_hand(world).read(CHOIR)

    assert on_hand(world).find(CHOIR) is None


async def test_a_program_that_is_not_there_is_not_remembered() -> None:
    world = World()
    unknown = ProgramId("unknown")
    with pytest.raises(ProgramNotFound):
        await on_hand(world).read(unknown)

    world.offer(a_program(id=unknown))

    assert (await on_hand(world).read(unknown)).id == unknown


async def test_the_oldest_makes_room() -> None:
    world = World()
    ids = [ProgramId(f"p-{number}") for number in range(PROGRAMS_MAX)]
    for program_id in ids:
        world.offer(a_program(id=program_id))
        await on_hand(world).read(program_id)
    await on_hand(world).read(ids[0])  # so that it is not the oldest any more

    await on_hand(world).read(CHOIR)

    assert [on_hand(world).find(i) is None for i in ids[:3]] == [False, True, False]
    assert on_hand(world).find(CHOIR) is not None
