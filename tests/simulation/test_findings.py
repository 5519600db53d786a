"""What an inspection says while everything goes wrong, and when all is settled.

The same stories, with a job that looks for differences on each instance: it must not
take a step that is under way for a difference, and must find nothing that reconcile
would mend once nothing is left to mend.
"""

from collections import Counter
from typing import Final

from application.find_differences import Differences
from domain.findings import POLICY, FindingKind
from entrypoints.simulation.story import SETTLING_SECONDS, Story
from entrypoints.simulation.world import Instance
from entrypoints.use_cases import UseCases

STORIES: Final = 200
HOUR: Final = 3_600.0
ROUNDS: Final = 3

# No rule can lead there, whatever is lost or late: whoever sees one has looked wrongly.
NEVER: Final = frozenset(
    {
        FindingKind.COUNTER_DRIFT,
        FindingKind.MISSING_SPOT,
        FindingKind.STRAY_SPOT,
        FindingKind.UNPROVEN_PAYMENT,
        FindingKind.UNREADABLE,
    }
)


class InspectedStory(Story):
    """A story in which each instance also watches for differences."""

    last: Differences | None = None

    async def _round(self, instance: Instance) -> None:
        ask = self.world.ask_at
        await ask(instance, _watch)
        await super()._round(instance)

    def _come_right(self) -> None:
        super()._come_right()
        if self.complaint is None:
            self.world.spawn(self._look_once_more())
            self._run_while(lambda: self.last is None)

    async def _look_once_more(self) -> None:
        """Look when all is old, and what was paid meanwhile has been heard of."""
        await self.world.pause(HOUR)
        awake = [each for each in self.world.instances if not each.life.is_dead]
        for instance in awake * ROUNDS:
            await self.world.pause(SETTLING_SECONDS)
            await self._round(instance)
        found = await self.world.ask_at(
            awake[0], lambda service: service.differences().reconcile().plan()
        )
        assert isinstance(found, Differences)
        self.last = found


async def _watch(service: UseCases) -> int:
    return await service.differences().keep_findings()()


class MendedStory(Story):
    """A story without any job: an operator brings it to its end, plan by plan."""

    async def _reconcile(self, instance: Instance) -> None:
        """Leave everything as it is."""

    async def _settle_once(self) -> None:
        await self.world.pause(SETTLING_SECONDS)
        ask = self.world.ask_at
        for instance in self.world.instances:  # their clocks differ by days
            if not instance.life.is_dead:
                await ask(instance, _apply_a_plan)
                await ask(instance, lambda service: service.deliver_mail()())
        self._settling = False


async def _apply_a_plan(service: UseCases) -> int:
    reconcile = service.differences().reconcile()
    plan = await reconcile.plan()
    results = [each async for each in reconcile.apply(plan.hash, by="operator")]
    return len(results)


def test_inspections_see_what_is_and_nothing_else() -> None:
    seen: Counter[FindingKind] = Counter()
    for seed in range(STORIES):
        story = InspectedStory(seed)
        ending = story.play()
        assert ending.complaint is None, seed
        kinds = {row.finding.kind for row in story.world.findings.rows.values()}
        assert not kinds & NEVER, (seed, kinds & NEVER)
        seen.update(kinds)

        assert story.last is not None, seed
        assert story.last.unseen == {}, (seed, story.last.unseen)
        left = [each for each in story.last.findings if POLICY[each.kind].is_automatic]
        assert left == [], seed

    assert {FindingKind.STUCK_PHASE, FindingKind.PAID_UNKNOWN} <= seen.keys()


def test_plans_alone_settle_what_was_left() -> None:
    for seed in range(STORIES):
        assert MendedStory(seed).play().complaint is None, seed
