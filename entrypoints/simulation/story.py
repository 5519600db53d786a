"""One seed, one story: first everything goes wrong, then everything must come right."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from application.quarantine_event import UNKNOWN_PAYMENT
from entrypoints.simulation.invariants import unsettled
from entrypoints.simulation.odds import EVERY_FAULT, Fault, Odds
from entrypoints.simulation.outsiders import Outsiders
from entrypoints.simulation.people import People
from entrypoints.simulation.plot import Plot
from entrypoints.simulation.post import Post
from entrypoints.simulation.watcher import Watcher
from entrypoints.simulation.world import Instance, Parts, World

ROUND_SECONDS: Final = (45.0, 120.0, 300.0)
SETTLING_SECONDS: Final = 360.0
SETTLING_ROUNDS: Final = 40
STEPS_MAX: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a story ended.  `complaint` None: well."""

    seed: int
    trace: str
    steps: int
    seen: Counter[str]
    complaint: str | None


class Story:
    """Plays a seed from beginning to end."""

    def __init__(
        self,
        seed: int,
        *,
        faults: frozenset[Fault] = EVERY_FAULT,
        parts: Parts | None = None,
    ) -> None:
        self.seed = seed
        random = Random(seed)
        odds = Odds.drawn(random, faults)
        self.watcher = Watcher(lambda: self.world)
        self.post = Post(lambda: self.world, self.watcher.complain)
        self.world = World(
            random=random,
            plot=Plot.drawn(random, wrong_clock=odds.wrong_clock),
            odds=odds,
            parts=parts or Parts(),
            watch=self.watcher,
            say=self.post.say,
            sends=self.watcher.sends,
        )
        self.people = People(self.world, self.watcher.complain)
        self.outsiders = Outsiders(self.world)

    def play(self) -> Ending:
        """Let it happen."""
        with self.world.loop.running():
            try:
                self._go_wrong()
                if self.complaint is None:
                    self._come_right()
            finally:
                self.world.bury()
        director = self.world.director
        return Ending(
            seed=self.seed,
            trace=director.trace,
            steps=director.steps,
            seen=director.seen,
            complaint=self.complaint,
        )

    @property
    def complaint(self) -> str | None:
        if self.world.bugs and self.watcher.complaint is None:
            self.watcher.complain(f"bug: {self.world.bugs[0]!r}")
        for held in self.world.event_log.rows.values():
            if held.why != UNKNOWN_PAYMENT:
                self.watcher.complain(f"bug: {held.event.kind} held for {held.why}")
        return self.watcher.complaint

    def _go_wrong(self) -> None:
        world, people = self.world, self.people
        for buyer in world.plot.buyers:
            world.spawn(people.buy(buyer))
        self.outsiders.come()
        world.spawn(people.stumble_upon_a_page())
        if world.plot.is_changed_midway:
            world.spawn(people.change_the_program())
        if world.random.random() < world.director.odds.rogue:
            world.spawn(people.bring_rogue_money())
        for instance in world.instances:
            world.spawn(self._reconcile(instance))
        self._run_while(lambda: people.busy + self.outsiders.busy > 0)

    async def _reconcile(self, instance: Instance) -> None:
        world = self.world
        while not self.post.is_closed:
            await world.pause(world.random.choice(ROUND_SECONDS))
            await self._round(instance)

    async def _round(self, instance: Instance) -> None:
        ask = self.world.ask_at
        await ask(instance, lambda service: service.drive_purchases()())
        await ask(instance, lambda service: service.drive_owing()())
        await ask(instance, lambda service: service.drive_orphans()())
        await ask(instance, lambda service: service.sweep_spots()())
        await ask(instance, lambda service: service.listen_back()())
        await ask(instance, lambda service: service.deliver_mail()())

    def _come_right(self) -> None:
        """No more faults, no more webhooks: reconcile alone must settle everything."""
        world = self.world
        world.director.odds = Odds.none()
        self.post.is_closed = True
        self.people.decide_all()
        self.outsiders.decide_all()
        for _ in range(SETTLING_ROUNDS):
            world.spawn(self._settle_once())
            self._settling = True
            self._run_while(lambda: self._settling)
            if self.complaint is not None or not any(unsettled(world)):
                return
        self.watcher.complain(next(iter(unsettled(world))))

    async def _settle_once(self) -> None:
        await self.world.pause(SETTLING_SECONDS)
        for instance in self.world.instances:
            if not instance.life.is_dead:
                await self._round(instance)
        self._settling = False

    def _run_while(self, is_needed: Callable[[], bool]) -> None:
        director = self.world.director
        first = director.steps
        while is_needed() and self.complaint is None:
            if not director.step() and is_needed():
                self.watcher.complain("I13: nothing happens any more")
            if director.steps - first > STEPS_MAX:
                self.watcher.complain("I20: the story does not end")
