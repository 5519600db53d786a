"""Who is there to stay, and which of two is to go (docs/adr/0031)."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from application.check_instances import CheckInstances
from application.ports.instances import Instance
from application.show_life import BEAT_EVERY, SILENT_AFTER, ShowLife
from application.stay_alone import Company, StayAlone
from entrypoints.simulation.outside.clock import ManualClock
from entrypoints.simulation.outside.instances import InMemoryInstances

OVERLAP = timedelta(minutes=3)


@dataclass
class Town:
    """One database that instances come to."""

    clock: ManualClock = field(default_factory=ManualClock)
    instances: InMemoryInstances = field(default_factory=InMemoryInstances)

    def starts(self, name: str, *, lock: str = "memory") -> StayAlone:
        life = ShowLife(
            clock=self.clock,
            instances=self.instances,
            lock=lock,
            since=self.clock.now(),
            worker=name,
        )
        return StayAlone(instances=self.instances, life=life, overlap=OVERLAP)

    async def passes(self, time: timedelta, *living: StayAlone) -> list[Company]:
        """Let all of them beat and look for so long; return what each saw last."""
        until = self.clock.now() + time
        seen = [Company()] * len(living)
        while self.clock.now() < until:
            self.clock.advance(BEAT_EVERY)
            for each in living:
                await each.life()
            seen = [await each() for each in living]
        return seen


@pytest.fixture
def town() -> Town:
    return Town()


def names(company: Company) -> list[str]:
    return [each.name for each in company.others]


async def test_the_one_that_came_last_is_to_go_and_only_when_a_deploy_is_over(
    town: Town,
) -> None:
    old = town.starts("one")
    await town.passes(OVERLAP * 2, old)
    new = town.starts("another")

    of_old, of_new = await town.passes(OVERLAP - BEAT_EVERY, old, new)
    assert (names(of_old), names(of_new)) == (["another"], ["one"])
    assert not of_new.is_overdue

    of_old, of_new = await town.passes(BEAT_EVERY, old, new)
    assert (of_new.is_overdue, of_new.has_elder) == (True, True)
    assert not of_old.has_elder


async def test_two_of_one_moment_do_not_both_go(town: Town) -> None:
    both = [town.starts("one"), town.starts("two")]

    seen = await town.passes(OVERLAP, *both)

    assert [each.has_elder for each in seen] == [False, True]


async def test_a_deploy_whose_old_one_ends_leaves_the_new_one_alone(town: Town) -> None:
    old = town.starts("old")
    await town.passes(BEAT_EVERY, old)
    new = town.starts("new")
    await town.passes(OVERLAP - BEAT_EVERY, old, new)
    await old.life.end()

    assert await town.passes(OVERLAP, new) == [
        Company(is_overdue=True),
    ]


async def test_what_crashed_is_no_company_though_it_is_still_listed(town: Town) -> None:
    crashed = town.starts("crashed")
    await town.passes(BEAT_EVERY, crashed)
    again = town.starts("again")

    assert BEAT_EVERY * 3 < SILENT_AFTER
    assert names((await town.passes(BEAT_EVERY * 3, again))[0]) == []
    assert len(await town.instances.seen_since(town.clock.now() - SILENT_AFTER)) == 2


async def test_who_does_not_say_since_when_was_there_before(town: Town) -> None:
    new = town.starts("new")
    for is_known in (False, True):
        at = town.clock.advance(BEAT_EVERY)
        await town.instances.beat(Instance(name="old", lock="memory", seen_at=at))

        assert (await new()).has_elder is is_known


async def test_those_who_share_a_lock_are_no_company(town: Town) -> None:
    both = [town.starts(name, lock="redis") for name in ("one", "two")]

    assert await town.passes(OVERLAP, *both) == [Company(), Company()]


async def test_one_beside_a_shared_lock_is_not_alone(town: Town) -> None:
    shared = town.starts("shared", lock="redis")
    own = town.starts("own")

    of_shared, of_own = await town.passes(OVERLAP, shared, own)

    assert of_shared == Company()
    assert (names(of_own), of_own.is_overdue) == (["shared"], True)


@pytest.mark.parametrize("is_enforced", [False, True])
async def test_the_doctor_says_what_follows(town: Town, *, is_enforced: bool) -> None:
    await town.passes(BEAT_EVERY, town.starts("one"), town.starts("two"))

    checkup = await CheckInstances(
        clock=town.clock,
        instances=town.instances,
        lock="memory",
        is_enforced=is_enforced,
    )()

    assert ("SINGLE_INSTANCE_ENFORCE" in str(checkup.next_step)) is is_enforced
